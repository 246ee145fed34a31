"""`translate` from a shell: typed sentences through a shipped model, or through one that a study trained here."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from seq2seq_lib.config import find_profile
from seq2seq_lib.data import words

if TYPE_CHECKING:
    from seq2seq_lib.experiments.weights import Translator


def add_translate(commands: argparse._SubParsersAction) -> None:
    """Adds the command to a parser; what it needs is imported when it runs."""
    from seq2seq_lib.config import PROFILES

    translate = commands.add_parser("translate", help="translate sentences with a shipped model, or one trained here")
    translate.add_argument("sentences", nargs="*", help="without any, the lines of standard input")
    translate.add_argument("--variant", metavar="NAME", help="by default the best that is shipped, or together")
    translate.add_argument("--profile", choices=PROFILES, default="long")
    translate.add_argument("--seed", type=int, metavar="N", help="by default the profile's first")
    translate.add_argument("--beam", type=int, default=1, metavar="WIDTH", help="1, the default, is greedy search")
    translate.add_argument("--records", type=Path, metavar="FOLDER", help="where the study put records and weights")
    translate.set_defaults(run=_translate)


def _translate(options: argparse.Namespace) -> None:
    from seq2seq_lib.evaluation.translation import translate_as_typed

    found = _translator(options)
    lines = [words.sentences(line, found.src.language) for line in _typed(options.sentences)]
    sentences = [sentence for line in lines for sentence in line]
    _warn(found, sentences, knows_every_training_word=find_profile(options.profile).min_freq == 1)
    results = translate_as_typed(found.model, found, sentences, pad_to=found.pad_to, beam=options.beam)
    if cut := sum(result.is_cut for result in results):
        print(f"Translations cut because they had not ended after {found.max_length} tokens: {cut:,}.", file=sys.stderr)
    texts = (result.text for result in results)
    for line in lines:
        print(" ".join(next(texts) for _ in line))


def _typed(sentences: Sequence[str]) -> list[str]:
    """The arguments, or else the lines of standard input.

    Raises:
        ValueError: when one of them is no text; the message gives its number.
    """
    if not sentences and hasattr(sys.stdin, "reconfigure"):
        sys.stdin.reconfigure(encoding="utf-8-sig", errors="surrogateescape")
    lines = list(sentences or sys.stdin)
    for number, line in enumerate(lines, start=1):
        if any("\ud800" <= character <= "\udfff" for character in line):  # how Python keeps bytes that are no UTF-8
            raise ValueError(f"{'Sentence' if sentences else 'Line'} {number} is not UTF-8: save or type it as UTF-8.")
    return lines


def _warn(found: Translator, sentences: Iterable[str], *, knows_every_training_word: bool) -> None:
    """Says what is lost before a model reads anything: ends that are cut, words that are unknown."""
    from seq2seq_lib.data.batches import count_cut
    from seq2seq_lib.evaluation.translation import as_sources

    if long := count_cut(as_sources(found, sentences), found.pad_to):
        print(f"Sentences cut because they are longer than {found.pad_to} positions: {long:,}.", file=sys.stderr)
    unknown = [word for sentence in sentences for word in found.src.tokens(sentence) if word not in found.src.vocab]
    if unknown:
        never_met = ", which it never met in training" if knows_every_training_word else ""
        told = ", ".join(dict.fromkeys(unknown))
        print(f"Not in the model's vocabulary, read as <unk>{never_met}: {told}.", file=sys.stderr)


def _translator(options: argparse.Namespace) -> Translator:
    """The shipped model, unless a folder, a seed or a variant is asked for that is not shipped."""
    from seq2seq_lib.data.corpora import load_corpus
    from seq2seq_lib.data.tokenization import prepare_for
    from seq2seq_lib.experiments.spec import RunSpec
    from seq2seq_lib.experiments.weights import Translator, find_trained, load_shipped, refuse_untrained
    from seq2seq_lib.models.variants import find_variant

    profile, name = find_profile(options.profile), options.variant or "together"
    variant = find_variant(name)
    if not options.records and (shipped := load_shipped(profile.name, options.variant, seed=options.seed)):
        if profile.corpus != "grammar":
            return shipped
        embedded = load_corpus("grammar", quiet=True).train  # the one that is always here, for its names
        return shipped._replace(capitals=words.capitals(pair.target for pair in embedded))
    spec = RunSpec(name, variant, profile, profile.seeds[0] if options.seed is None else options.seed)
    refuse_untrained(spec, options.records)  # before a corpus is fetched for nothing
    data = prepare_for(profile, quiet=True)
    model = find_trained(spec, data, options.records)
    return Translator(model, data.src, data.tgt, profile.schedule.pad_to, data.max_length, data.capitals)
