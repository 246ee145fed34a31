"""Whatever decides a variant's result is in its key and nothing else; what is not certain is trained anew, and said."""

import json
import linecache
import random
import re
import subprocess
import sys
import textwrap
from itertools import count
from pathlib import Path

import pytest
import torch

from seq2seq_lib.config import Sizes
from seq2seq_lib.data.batches import collate
from seq2seq_lib.experiments import records
from seq2seq_lib.experiments.definitions import Look
from seq2seq_lib.experiments.identity import identify
from seq2seq_lib.experiments.spec import fingerprint
from seq2seq_lib.experiments.studies import run_study
from seq2seq_lib.models.variants import VARIANTS, find_variant
from seq2seq_lib.utils.functions import node_of, plain
from tests.test_studies import PROFILE

SIZES = Sizes(6, 8, 1, 0.0)
SHAPE = 20, 20, SIZES
CELLS = count()
HEAD = """
from functools import partial
import math
import torch
from torch import nn
from seq2seq_lib.models.bridges import JoinDirections
from seq2seq_lib.models.decoders import LSTMDecoder
from seq2seq_lib.models.encoders import LSTMEncoder
from seq2seq_lib.models.variant import Variant
Both = partial(LSTMEncoder, bidirectional=True)
def own(**parts):
    return Variant("encoder", "Mine", "Because.", **parts)
"""


def run_cell(source, known=True, **outside):
    """What a notebook's cell defines; its text is kept as IPython keeps it, in no file."""
    text, name = HEAD + textwrap.dedent(source), f"<cell {next(CELLS)}>"
    if known:
        linecache.cache[name] = (len(text), None, text.splitlines(True), name)
    names = {"__name__": "__main__", **outside}
    exec(compile(text, name, "exec"), names)
    return names["variant"]


def identity(source, **outside):
    found = identify(run_cell(source, **outside), *SHAPE)
    assert not found.doubts
    return found.digest


ENCODER = """
class Own(LSTMEncoder):
    {attribute}
    def __init__(self, vocab_size, sizes, *, noise=0.1):
        super().__init__(vocab_size, sizes)
        self.noise = noise
        {initialisation}
    def forward(self, src, src_lengths):
        memory = super().forward(src, src_lengths)
        return memory._replace(hidden=memory.hidden * {factor})
"""


def encoder(given="", attribute="unused = 0", initialisation="pass", factor="self.noise", more=""):
    made = ENCODER.format(attribute=attribute, initialisation=initialisation, factor=factor)
    return f"{textwrap.dedent(more)}\n{made}\nvariant = own(encoder=partial(Own{given}))"


CLOSURE = """
def scaled(by):
    def join(one, other):
        return one + by * other
    return join
variant = own(encoder=Both, bridge=partial(JoinDirections, join=scaled({})))
"""
OBJECT = """
class Scale:
    def __init__(self, by): self.by = by
    def __call__(self, one, other): return one + self.by * other
variant = own(encoder=Both, bridge=partial(JoinDirections, join={}))
"""
NESTED = """
def mix(one, other, *, w, more=None):
    return w * one + (1 - w) * other
variant = own(encoder=Both, bridge=partial(JoinDirections, join={}))
"""
FACTORY = """
def make(vocab_size, sizes):
    encoder = LSTMEncoder(vocab_size, sizes)
    {}
    return encoder
variant = own(encoder=make)
"""
BASES = """
class Base(LSTMEncoder):
    def scale(self): return {}
class Own(Base):
    def forward(self, src, src_lengths):
        memory = super().forward(src, src_lengths)
        return memory._replace(hidden=memory.hidden * self.scale())
variant = own(encoder=Own)
"""
#: One thing that decides a result, written in two ways.
OTHER = {
    "a partial's argument": (encoder(", noise=0.1"), encoder(", noise=3.0")),
    "a partial's argument that is the default": (encoder(), encoder(", noise=3.0")),
    "a closure's value": (CLOSURE.format(0.5), CLOSURE.format(0.25)),
    "a default": (encoder(), encoder().replace("noise=0.1", "noise=0.2")),
    "a global": (encoder(factor="RATE", more="RATE = 0.1"), encoder(factor="RATE", more="RATE = 0.2")),
    "a global in a list": (encoder(factor="RATE[0]", more="RATE = [1]"), encoder(factor="RATE[0]", more="RATE = [2]")),
    "a global array": (
        encoder(factor="RATE", more="RATE = torch.tensor([1.0, 2.0] * 4)"),
        encoder(factor="RATE", more="RATE = torch.tensor([1.0, 3.0] * 4)"),
    ),
    "a global's type": (encoder(factor="RATE", more="RATE = 1"), encoder(factor="RATE", more="RATE = 1.0")),
    "what a function calls": (
        encoder(factor="rate()", more="def rate(): return 2"),
        encoder(factor="rate()", more="def rate(): return 3"),
    ),
    "what is called through a decorator": (
        encoder(factor="rate()", more="import functools\n@functools.cache\ndef rate(): return 2"),
        encoder(factor="rate()", more="import functools\n@functools.cache\ndef rate(): return 3"),
    ),
    "a decorator's argument": tuple(
        f"""
        import functools
        def times(by):
            def around(function):
                @functools.wraps(function)
                def made(*given): return by * function(*given)
                return made
            return around
        @times({by})
        def join(one, other): return one + other
        variant = own(encoder=Both, bridge=partial(JoinDirections, join=join))
        """
        for by in (2, 3)
    ),
    "a function that says it is the library's": tuple(
        f"""
        import functools
        from seq2seq_lib.models import bridges
        @functools.wraps(bridges.add)
        def join(one, other): return one + {by} * other
        variant = own(encoder=Both, bridge=partial(JoinDirections, join=join))
        """
        for by in (2, 3)
    ),
    "a decorator that is an object": tuple(
        f"""
        import functools
        class Times:
            def __init__(self, function, by):
                self.function, self.by = function, by
                functools.update_wrapper(self, function)
            def __call__(self, *given): return self.by * self.function(*given)
        def add(one, other): return one + other
        variant = own(encoder=Both, bridge=partial(JoinDirections, join=Times(add, {by})))
        """
        for by in (2, 3)
    ),
    "a setting in a tree of objects": tuple(
        encoder(factor="CONFIG.model.rate", more=f"""
        from types import SimpleNamespace
        CONFIG = SimpleNamespace(model=SimpleNamespace(rate={rate}))
        """)
        for rate in (2, 3)
    ),
    "a base class": (BASES.format(2), BASES.format(3)),
    "a class attribute": (
        encoder(attribute="rate = 2", factor="self.rate"),
        encoder(attribute="rate = 3", factor="self.rate"),
    ),
    "a property": (
        encoder(attribute="rate = property(lambda self: 2)", factor="self.rate"),
        encoder(attribute="rate = property(lambda self: 3)", factor="self.rate"),
    ),
    "a setting in a dataclass": tuple(
        encoder(factor="CONFIG.rate", more=f"""
        from dataclasses import dataclass
        @dataclass(frozen=True)
        class Config:
            rate: float = {rate}
            other: int = 3
        CONFIG = Config()
        """)
        for rate in (0.1, 0.2)
    ),
    "a named tuple, an enum": tuple(
        encoder(factor="CONFIG.rate * Kind.ONE.value", more=f"""
        from enum import Enum
        from typing import NamedTuple
        class Config(NamedTuple):
            rate: float
            def twice(self): return 2 * self.rate
        class Kind(Enum):
            ONE = {rate}
            TWO = 7
        CONFIG = Config(2)
        """)
        for rate in (0.1, 0.2)
    ),
    "an attribute of an object": (OBJECT.format("Scale(2)"), OBJECT.format("Scale(3)")),
    "a bound method": (OBJECT.format("Scale(2).__call__"), OBJECT.format("Scale(3).__call__")),
    "a plain attribute of a part": (FACTORY.format("encoder.rate = 2"), FACTORY.format("encoder.rate = 3")),
    "the first weights": (
        FACTORY.format("nn.init.normal_(encoder.embedding.weight, std=SCALE)").replace("def", "SCALE = 1.0\ndef", 1),
        FACTORY.format("nn.init.normal_(encoder.embedding.weight, std=SCALE)").replace("def", "SCALE = 2.0\ndef", 1),
    ),
    "frozen weights": (FACTORY.format("pass"), FACTORY.format("encoder.embedding.requires_grad_(False)")),
    "a hook": (
        FACTORY.format("encoder.dropout.register_forward_hook(lambda module, given, out: 2 * out)"),
        FACTORY.format("encoder.dropout.register_forward_hook(lambda module, given, out: 3 * out)"),
    ),
    "a partial as a join": (NESTED.format("partial(mix, w=0.5)"), NESTED.format("partial(mix, w=0.6)")),
    "partials in partials": (
        NESTED.format("partial(partial(mix, w=0.5), more=partial(mix, w=0.1))"),
        NESTED.format("partial(partial(mix, w=0.5), more=partial(mix, w=0.2))"),
    ),
    "torch's own function with another argument": (
        NESTED.format("partial(torch.lerp, weight=0.5)"),
        NESTED.format("partial(torch.lerp, weight=0.25)"),
    ),
    "digits that are not printed": ("variant = own(encoder=partial(LSTMEncoder, forget_bias=1.0))",
                                    "variant = own(encoder=partial(LSTMEncoder, forget_bias=1.0000001))"),
    "another lambda on the line": tuple(
        f"joins = [lambda one, other: one, lambda one, other: other]\n"
        f"variant = own(encoder=Both, bridge=partial(JoinDirections, join=joins[{place}]))"
        for place in (0, 1)
    ),
    "a lambda's constant on the line": tuple(
        f"joins = [lambda one, other: one * 2, lambda one, other: one * 3]\n"
        f"variant = own(encoder=Both, bridge=partial(JoinDirections, join=joins[{place}]))"
        for place in (0, 1)
    ),
    "a variant's class": tuple(
        f"""
        class Own(Variant):
            def build(self, *shape):
                model = super().build(*shape)
                model.encoder.rnn.weight_hh_l0.data.mul_({by})
                return model
        variant = Own("encoder", "Mine", "Because.")
        """
        for by in (2, 3)
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", OTHER)
def test_what_decides_the_result_is_in_the_key(kind):
    first, second = OTHER[kind]
    assert identity(first) == identity(first), "a cell that is run again unchanged"
    assert identity(first) != identity(second)


def _tie(model):
    model.decoder.embedding = model.encoder.embedding


def _copy(model):
    model.decoder.embedding.load_state_dict(model.encoder.embedding.state_dict())


CHANGES = {
    "a first weight": lambda model: model.encoder.embedding.weight.data[3, 2].add_(1e-6),
    "a frozen weight": lambda model: model.encoder.embedding.weight.requires_grad_(False),
    "an attribute": lambda model: setattr(model.encoder, "rate", 2),
    "an attribute of torch's": lambda model: setattr(model.encoder.dropout, "p", 0.25),
    "a hook": lambda model: model.encoder.dropout.register_forward_hook(print),
    "a hook of a weight": lambda model: model.encoder.embedding.weight.register_hook(abs),
    "equal weights": _copy,
    "shared weights": _tie,
}


def test_what_a_model_became_is_seen_though_its_definition_does_not_tell():
    found = {}
    for kind, change in {"none": lambda model: None, **CHANGES}.items():
        torch.manual_seed(0)
        model = VARIANTS["baseline"].build(*SHAPE)
        change(model)
        found[kind] = Look().digest(model)
    assert len(set(found.values())) == len(found)


SAME = {
    "a comment, a docstring, room": (
        encoder(factor="self.noise"),
        encoder(factor="(  self.noise)").replace("super().__i", '"""Says nothing."""  # nor this\n        super().__i'),
    ),
    "what nobody reads": (encoder(more="RATE = 1"), encoder(more="RATE = 2\ndef rate(): return RATE")),
    "a part of an object that is not read": (
        encoder(factor="CONFIG.rate", more="from types import SimpleNamespace as Of\nCONFIG = Of(rate=2, other=3)"),
        encoder(factor="CONFIG.rate", more="from types import SimpleNamespace as Of\nCONFIG = Of(rate=2, other=4)"),
    ),
    "a global that is an attribute's name": (
        encoder(more="hidden = 1"), encoder(more="hidden = 2")
    ),
    "a colour and a title": (
        "variant = Variant('encoder', 'Mine', 'Because.', lambda *shape: LSTMEncoder(*shape))",
        "variant = Variant('enc_dec', 'Yours', 'Why?', lambda *shape: LSTMEncoder(*shape), colour='#123456')",
    ),
    "the order of keywords": (
        NESTED.format("partial(mix, w=0.5, more=1)"), NESTED.format("partial(mix, more=1, w=0.5)"),
    ),
    "a set": (encoder(more="RATES = {'a', 'b', 'c'}", factor="len(RATES)"),
              encoder(more="RATES = {'c', 'b', 'a'}", factor="len(RATES)")),
}  # fmt: skip


@pytest.mark.parametrize("kind", SAME)
def test_what_decides_nothing_is_not_in_the_key(kind):
    first, second = SAME[kind]
    assert identity(first) == identity(second)


def test_functions_and_objects_that_hold_each_other_come_to_an_end():
    source = """
    def join(one, other, depth=2): return one if not depth else again(one, other, depth - 1)
    def again(one, other, depth): return join(one, other, depth)
    RING = []
    RING.append(RING)
    join.ring = RING
    variant = own(encoder=Both, bridge=partial(JoinDirections, join=join))
    """
    assert identity(source) == identity(source)
    assert identity(source) != identity(source.replace("depth=2", "depth=3"))


DOUBTS = {
    "no source": ("def join(one, other): return one", {"known": False}, "source text of join is not found"),
    "a generator": ("STEPS = (n for n in range(3))\ndef join(one, other): return one * len([*STEPS])", {}, "generator"),
    "a lock": (
        "import threading\nLOCK = threading.Lock()\ndef join(one, other):\n    with LOCK: return one", {}, "lock",
    ),
    "eval": ("def join(one, other): return eval('one')", {}, r"eval\(\)"),
    "the clock": ("import time\ndef join(one, other): return one * time.time()", {}, r"time\.time"),
    "the clock, imported by its name": (
        "from time import time\ndef join(one, other): return one * time()", {}, r"time\.time",
    ),
    "a file": (
        "from pathlib import Path\ndef join(one, other): return one * Path('rate').exists()", {}, "pathlib",
    ),
    "today": (
        "from datetime import datetime\ndef join(one, other): return one * datetime.now().day", {}, "datetime",
    ),
    "the environment": ("import os\ndef join(one, other): return one * len(os.environ)", {}, r"os\.environ"),
    "a builder that tosses coins": (
        "import random\nCOIN = random.SystemRandom()\n"
        "class join:\n    def __init__(self): self.by = COIN.random()\n    def __call__(self, one, other): return one\n"
        "join = join()", {}, "SystemRandom|not the same",
    ),
    "nested without an end": (
        "DEEP = []\nfor _ in range(100_000): DEEP = [DEEP]\ndef join(one, other): return one * len(DEEP)", {}, "deeply",
    ),
    "too much": ("MANY = [[n] for n in range(200_000)]\ndef join(one, other): return one * len(MANY)", {}, "100,000"),
}  # fmt: skip


@pytest.mark.parametrize("kind", DOUBTS)
def test_what_is_not_certain_is_told_and_matches_nothing(kind, capsys):
    source, how, words = DOUBTS[kind]
    variant = run_cell(f"{source}\nvariant = own(encoder=Both, bridge=partial(JoinDirections, join=join))", **how)
    first, second = (fingerprint(variant, *SHAPE) for _ in range(2))
    assert first != second
    told = capsys.readouterr().out.splitlines()
    assert len(told) == 2
    assert told[0].startswith("'Mine' is trained anew: it cannot be told from another definition, as ")
    assert re.search(words, told[0])


def test_weights_that_differ_between_two_builds_are_told():
    variant = run_cell(
        FACTORY.format("encoder.rate = next(TURN)").replace(
            "def", "from itertools import count\nTURN = count()\ndef", 1
        )
    )
    assert identify(variant, *SHAPE).doubts == ("'Mine', built twice from one seed, is not the same",)


def test_a_file_that_was_edited_after_its_import_is_not_taken_for_what_runs(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "my_joins.py").write_text("def join(one, other):\n    return one\n")
    import my_joins

    source = "import my_joins\nvariant = own(encoder=Both, bridge=partial(JoinDirections, join=my_joins.join))"
    whole = identify(run_cell(source), *SHAPE)
    assert not whole.doubts
    (tmp_path / "my_joins.py").write_text("def join(one, other):\n    return other  # not what was imported\n")
    assert "source text of join" in identify(run_cell(source), *SHAPE).doubts[0]
    monkeypatch.delitem(sys.modules, my_joins.__name__)


def test_a_module_of_ones_own_is_read_where_it_is_used(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "my_rates.py").write_text("RATE = 2\nOTHER = 3\n")
    import my_rates

    source = encoder(factor="my_rates.RATE", more="import my_rates")
    first = identity(source)
    my_rates.OTHER = 4
    assert identity(source) == first
    my_rates.RATE = 5
    assert identity(source) != first
    inside = encoder(initialisation="import my_rates; self.rate = my_rates.RATE")
    first = identity(inside)
    my_rates.RATE = 6
    assert identity(inside) != first
    monkeypatch.delitem(sys.modules, "my_rates")


def test_the_text_of_a_function_is_the_same_in_every_version_of_python():
    """Which this test, run by each, holds: `ast.dump` and byte code are not."""

    def own(one: int, *more, by=2):
        """Says nothing."""
        return f"{one:>{by}}" if -one in {1, 2} else [lambda: more]

    assert plain(node_of(own)) == (
        "FunctionDef own [('posonlyargs', []), ('args', ['one']), ('vararg', ['more']), ('kwonlyargs', ['by']), "
        "('kwarg', [])] [Return(value=IfExp(test=Compare(left=UnaryOp(op=USub() operand=Name(id=str 'one' ctx=Load())) "
        "ops=[In()] comparators=[Set(elts=[Constant(value=int 1) Constant(value=int 2)])]) body=JoinedStr(values=["
        "FormattedValue(value=Name(id=str 'one' ctx=Load()) conversion=int -1 format_spec=JoinedStr(values=[Constant("
        "value=str '>') FormattedValue(value=Name(id=str 'by' ctx=Load()) conversion=int -1)]))]) orelse=List(elts=["
        "Lambda(args=arguments() body=Name(id=str 'more' ctx=Load()))] ctx=Load())))]"
    )


def test_another_process_finds_the_same(tmp_path):
    """With other hashes of strings, addresses and counters of hooks."""
    (tmp_path / "mine.py").write_text(HEAD + textwrap.dedent(
        OTHER["a setting in a dataclass"][0].replace("CONFIG.rate", "CONFIG.rate * len({'a', 'b'} | NAMES)")
    ) + "\nNAMES = {'x', 'y', 'z'}\n" + "from seq2seq_lib.experiments.identity import identify\n"
        "from seq2seq_lib.config import Sizes\nprint(identify(variant, 20, 20, Sizes(6, 8, 1, 0.0)))\n")  # fmt: skip
    told = {
        subprocess.run(
            [sys.executable, tmp_path / "mine.py"], cwd=Path(__file__).parent.parent, capture_output=True, text=True,
            check=True, env={"PYTHONHASHSEED": seed, "PYTHONPATH": "."},
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(told) == 1
    assert "doubts=()" in told.pop()


def test_a_look_draws_nothing_from_the_callers_random_state():
    variant = run_cell(encoder())
    torch.manual_seed(3)
    expected = torch.rand(4)
    torch.manual_seed(3)
    identify(variant, *SHAPE)
    assert torch.equal(torch.rand(4), expected)


def test_the_catalogue_goes_by_its_printed_structure_as_its_records_do():
    wanted = {
        (
            record["variant"],
            *record["vocabulary"].values(),
            json.dumps(record["settings"]["sizes"]),
            record["settings"]["model"],
        )
        for record in records.read_records(records.COMMITTED)
    }
    assert len({name for name, *_ in wanted}) > 30
    for name, sources, targets, sizes, model in wanted:
        assert fingerprint(find_variant(name), sources, targets, Sizes(**json.loads(sizes))) == model, name


def test_a_method_put_into_the_library_is_seen(monkeypatch):
    from seq2seq_lib.models.encoders import LSTMEncoder

    before = identify(VARIANTS["baseline"], *SHAPE)
    monkeypatch.setattr(LSTMEncoder, "forward", lambda self, src, src_lengths: None)
    assert identify(VARIANTS["baseline"], *SHAPE) != before


# Redefined under one name, through a study


def study(data, folder, **options):
    return run_study(
        "encoder", PROFILE, data=data, folder=folder, n_jobs=1, **{"variants": ("mine",), "seeds": (1,), **options}
    )


@pytest.mark.parametrize("kind", ["a partial's argument", "a closure's value", "a partial as a join"])
def test_a_variant_that_was_redefined_is_trained_anew(kind, tiny_data, tmp_path, monkeypatch, capsys):
    for place, source in enumerate((*OTHER[kind], OTHER[kind][0])):
        monkeypatch.setitem(VARIANTS, "mine", run_cell(source))
        made = study(tiny_data, tmp_path)
        assert f"1 runs, {int(place == 2)} on record" in capsys.readouterr().out
        made.model("mine")
    assert len({record["test"]["loss"] for record in records.read_records(tmp_path)}) == 2


def test_an_uncertain_variant_is_trained_in_every_study_and_its_model_is_found(
    tiny_data, tmp_path, monkeypatch, capsys
):
    source = "def join(one, other): return one\nvariant = own(encoder=Both, bridge=partial(JoinDirections, join=join))"
    monkeypatch.setitem(VARIANTS, "mine", run_cell(source, known=False))
    for _ in range(2):
        made = study(tiny_data, tmp_path, seeds=(1, 2))
        told = capsys.readouterr().out
        assert "2 runs, 0 on record" in told
        assert told.count("'Mine' is trained anew") == 1
        assert made.model("mine", 2) is not None
    assert len(records.read_records(tmp_path)) == 4


# Any two definitions: one key if and only if they train to the same numbers

PARTS = {
    "rate": ("0.5", "0.25", "2.0"),
    "start": ("pass", "nn.init.constant_(self.rnn.bias_hh_l0, 0.25)", "self.embedding.requires_grad_(False)"),
    "change": ("torch.tanh(hidden)", "hidden * hidden", "hidden + 1.0"),
    "shift": ("0.0", "0.125", "1.5"),
}
#: Where a number is kept makes no difference to training and may make one to the key: a pair has it in one place.
PLACES = ("argument", "closure", "global", "class", "attribute", "base", "default", "helper", "object", "setting")


def definition(place, rate, start, change, shift, said=""):
    """The text of a cell with one variant, whose number `rate` is kept in `place`; `said` is a comment."""
    found = {
        "argument": "self.rate", "closure": "closed()", "global": "RATE", "class": "type(self).kept",
        "attribute": "self.kept", "base": "self.of_base()", "default": "self.of_default()", "helper": "helper()",
        "object": "OBJECT.rate", "setting": "SETTINGS['rate'][0]",
    }[place]  # fmt: skip
    kept = {one: rate if one == place else "7.0" for one in PLACES}
    return f"""
RATE = {kept["global"]}
SETTINGS = {{"rate": [{kept["setting"]}, 1]}}
class Kept:
    def __init__(self, rate): self.rate = rate
OBJECT = Kept({kept["object"]})
def closing(rate): return lambda: rate
closed = closing({kept["closure"]})
def helper():
    {said}
    return {kept["helper"]}
class Base(LSTMEncoder):
    def of_base(self): return {kept["base"]}
    def of_default(self, rate={kept["default"]}): return rate
class Own(Base):
    kept = {kept["class"]}
    def __init__(self, vocab_size, sizes, *, rate=1.0):
        super().__init__(vocab_size, sizes)
        {said}
        self.rate = rate
        if {place == "attribute"}: self.kept = {kept["attribute"]}
        {start}
    def forward(self, src, src_lengths):
        memory = super().forward(src, src_lengths)
        hidden = memory.hidden * {found} + self.shift()
        return memory._replace(hidden={change})
    def shift(self): return {shift}
variant = own(encoder=partial(Own, rate={kept["argument"]}))
"""


def two_steps(variant, data):
    """All weights after two updates, as bytes."""
    torch.manual_seed(1)
    model = variant.build(len(data.src.vocab), len(data.tgt.vocab), SIZES)
    batch = collate(data.train[:8], pad_to=8)
    optimiser = torch.optim.SGD(model.parameters(), lr=0.5)
    for _ in range(2):
        loss = model(batch.src, batch.src_lengths, batch.tgt, 1.0).square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return [weight.detach().numpy().tobytes() for weight in model.parameters()]


def random_pair(draw):
    """Two texts; half of the pairs differ in a comment at most, the others in one thing more."""
    place, chosen = draw.choice(PLACES), {name: draw.choice(ways) for name, ways in PARTS.items()}
    other = dict(chosen)
    if draw.random() < 0.5:
        name = draw.choice(list(PARTS))
        other[name] = draw.choice([way for way in PARTS[name] if way != chosen[name]])
    said = draw.choice(["", "# a comment", '"""Words."""'])
    return definition(place, **chosen), definition(place, **other, said=said)


def test_any_two_definitions_share_a_key_if_and_only_if_they_train_to_the_same_numbers(tiny_data):
    draw, tried, wrong = random.Random(18), {True: 0, False: 0}, []
    for _ in range(60):
        pair = random_pair(draw)
        same_key = identity(pair[0]) == identity(pair[1])
        first, second = (two_steps(run_cell(source), tiny_data) for source in pair)
        tried[first == second] += 1
        if same_key != (first == second):
            wrong.append(pair)
    print(f"{sum(tried.values())} pairs, {tried[True]} of them train alike, {len(wrong)} wrong.")
    assert min(tried.values()) > 15
    assert not wrong, "\n=====\n".join(wrong[0])
