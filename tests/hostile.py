"""A corpus whose words mean something to HTML, Markdown, TeX, Typst, terminals and templates, and a notebook of it."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import nbformat

from seq2seq_lib.config import PROFILES, Profile, Schedule, Sizes
from seq2seq_lib.experiments.studies import Study
from seq2seq_lib.report.export.outputs import CONTROL
from tests import made_up
from tests.notebooks import notebook

SENTENCES = (
    '<script>document.title = "owned"; owned = 1</script> a cat',
    '.<img src=x onerror="owned = 1"> a dog',
    '<svg onload="owned = 1"></svg><a href="javascript:owned=1">a bird</a>',
    "</textarea></script></style></title></td></table><!-- a comment --> & more",
    "&lt;b&gt; &amp; &#60;i&#62; \"double\" 'single'",
    "``` `code` ``` ~~~",
    "![a picture](http://127.0.0.1:9/x.png) [a link](javascript:owned=1)",
    "<http://127.0.0.1:9/y> https://127.0.0.1:9/z",
    '`owned`{=html} `#read("/etc/passwd")`{=typst} ::: {.note}',
    r"$x^2$ and $$y_1$$ and \(z\) and \[w\] for $5",
    r"\LaTeX{} \input{/etc/passwd} \begin{table} %",
    '#read("/etc/passwd") #set page(width: 1pt) #import "x": *',
    "@label <label> *bold* _italic_ ~~gone~~ -? -- ... //",
    "= A heading",
    "- an item",
    "+ a number",
    "/ term: a description",
    "1. a first one",
    "# A title",
    "> a quotation | a | cell",
    "--- title: owned ---",
    "\x1b[31mred\x1b[0m",
    "\u202elevel\u202c and \u200fשלום\u200e",
    "zero\u200bwidth \u2060joined\u200d \U0001f984 and o\u0331",
    "{{ template }} {% include x %} ${owned} #{owned}",
)

#: What every target begins with, so that every model learns to say it: also as tokens, spaces between, it is a tag.
TAG = ".<img src = x onerror = owned=1 >"

#: Names of variants; JupyterLab's widgets read `$` in the label of a control as a formula, so these have none.
NAMES = ('<img src=x onerror="owned = 1">', "</td><script>owned = 1</script>", "_it_ **b** `c`", '#read("/etc/passwd")')
FORMULAS = ("$x^2$", r"$\frac{", "5 $ or $6", r"\alpha_1", "$$y$$")


def write_corpus(path: Path) -> Path:
    """Each sentence three times, with another last word, so that it is trained on whatever is held out."""
    lines = [f"{sentence} {word}\t{TAG} {sentence}" for sentence in SENTENCES for word in ("one", "two", "three")]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def profile_of(corpus: Path) -> Profile:
    """Seconds of training, enough to learn how targets begin."""
    return replace(
        PROFILES["smoke"], name="hostile", corpus=str(corpus), sizes=Sizes(16, 24, 1, 0.0), seeds=(1,),
        schedule=Schedule(epochs=8, batch_size=8, pad_to=24, log_every=4, learning_rate=0.02),
        train_pairs=None, valid_pairs=None, test_pairs=None,
    )  # fmt: skip


def named_study(names: tuple[str, ...] = NAMES) -> Study:
    """Made-up runs of variants with these names, whose translations and tags are the sentences."""
    study = made_up.study({"baseline": (3.0, 3.1), **dict.fromkeys(names, (2.5, 2.4))})
    pairs = [{"source": text, "reference": text, "translation": text} for text in SENTENCES]
    same = {"pairs": 20, "exact": 0.5, "token_accuracy": 0.75}
    tags = {"tag": list(names), **{measure: [value] * len(names) for measure, value in same.items()}}
    records = [{**one, "translations": pairs, "test": {**one["test"], "by_tag": tags}} for one in study.records]
    return replace(study, records=tuple(records))


#: As in the project's notebooks: everything that shows words of a corpus or names of variants.
CELLS = """
from pathlib import Path
from seq2seq_lib import load_corpus, prepare, run_study, translate
from seq2seq_lib.utils.progress import ProgressLine
from seq2seq_lib.report.anatomy import attention_focus
from seq2seq_lib.report.breakdowns import by_length, quality_against_parameters
from seq2seq_lib.report.panels.explorer import curve_explorer
from seq2seq_lib.report.figures import loss_and_perplexity, spread
from seq2seq_lib.report.pictures import attention_maps, reading_orders
from seq2seq_lib.report.prose import numbers, say
from seq2seq_lib.report.tables import comparison, readable, translations
from seq2seq_lib.report.panels.stepping import stepping_panel
from seq2seq_lib.report.panels.training import training_panel
from seq2seq_lib.report.panels.translation import translation_panel
from tests.hostile import NAMES, SENTENCES, named_study, profile_of
---
profile, named = profile_of(Path("corpus.tsv")), named_study()
data = prepare(load_corpus(profile.corpus))
for text in SENTENCES:
    print(text)
---
names = ["baseline", "attention-dot"]
study = run_study("enc_dec", profile, variants=names, data=data, n_jobs=1, folder=Path("records"))
---
with ProgressLine(1, NAMES[1], "run") as line:
    line.reach(1, NAMES[0])
---
print(*translate(study.model("attention-dot"), data, SENTENCES, pad_to=profile.schedule.pad_to), sep="\\n")
---
#| tbl-cap: Test sentences of the study.
readable(translations(study, sentences=2))
---
#| tbl-cap: All sentences, as they are and as made-up translations.
readable(translations(named, ["baseline", NAMES[0]], sentences=len(SENTENCES)).T)
---
#| tbl-cap: Variants with these names.
comparison(named)
---
#| tbl-cap: The same, with a name in the heading.
readable(comparison(named).rename(columns={"model": NAMES[1]}))
---
#| fig-cap: Their curves.
loss_and_perplexity(named)
---
#| fig-cap: Their seeds.
spread(named)
---
#| fig-cap: By length.
by_length(named)
---
#| fig-cap: Against parameters.
quality_against_parameters(named)
---
#| fig-cap: The explorer.
curve_explorer({"these": named, "this run": study})
---
#| fig-cap: The training panel.
training_panel(study, data)
---
#| fig-cap: Attention.
attention_maps({"attention-dot": study.model("attention-dot")}, data, data.corpus.test[0], 24)
---
#| fig-cap: Reading orders.
reading_orders([(SENTENCES[9], SENTENCES[9]), (SENTENCES[21], SENTENCES[23])], ["baseline", "reversed"])
---
#| tbl-cap: Focus.
attention_focus({"attention-dot": study.model("attention-dot")}, data, 24)
---
#| tbl-cap: The translation panel.
translation_panel(study, data, "<b>unknown</b> " + SENTENCES[9] + SENTENCES[0], ["baseline", "attention-dot"])
---
#| fig-cap: The stepping panel.
stepping_panel(study, data, "<b>unknown</b> " + SENTENCES[9] + SENTENCES[0], ["baseline", "attention-dot"])
---
say(f"The lab's model ends at {numbers(study).ppl('baseline')}.")
"""


def write_notebook(folder: Path) -> Path:
    """The notebook with its corpus beside it, not yet run."""
    write_corpus(folder / "corpus.tsv")
    cells = [nbformat.v4.new_code_cell(cell.strip()) for cell in CELLS.split("---\n")]
    nbformat.write(notebook("# A hostile corpus\n\n*Its words are words*", *cells), folder / "hostile.ipynb")
    return folder / "hostile.ipynb"


#: The only elements and attributes that outputs are made of.
TAGS = {"div", "style", "table", "thead", "tbody", "tr", "th", "td", "p", "span", "q", "bdi", "mark", "img"}
ATTRIBUTES = {"id", "class", "style", "scoped", "type", "scope", "border", "title", "alt", "src", "role"}


class _OwnElements(HTMLParser):
    """Collects what a reader of HTML is told, and fails at whatever is no element of ours."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []

    def handle_starttag(self, tag, attrs):
        assert tag in TAGS, tag
        assert {name for name, _ in attrs} <= ATTRIBUTES, attrs
        found = dict(attrs)
        assert tag != "img" or found["src"].startswith("data:image/png;base64,"), attrs
        self.told.append(found.get("alt", ""))

    def handle_data(self, data):
        self.told.append(data)

    def handle_comment(self, data):
        raise AssertionError(data)


def told(page: str) -> str:
    """The words of HTML, `squeezed`; an element that is none of ours fails the test."""
    reader = _OwnElements()
    reader.feed(page)
    reader.close()
    return squeezed("".join(reader.told))


def squeezed(text: str) -> str:
    """Without spaces, marks of no width and symbols that the PDF's fonts lack: what is left stands in every format."""
    left_out = ("Cf", "Zs", "Cc", "So", "Cn")
    return "".join(letter for letter in CONTROL.sub("", text) if unicodedata.category(letter) not in left_out)


def missing(text: str, wanted: Sequence[str] = (*SENTENCES, *NAMES)) -> list[str]:
    """Which of the words a squeezed text lacks."""
    return [words for words in wanted if squeezed(words) not in text]
