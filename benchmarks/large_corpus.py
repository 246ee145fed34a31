"""Time and memory of reading and tokenising a corpus of your own, up to a million pairs.

    python -m benchmarks.large_corpus

Sentences of made-up words whose frequencies follow Zipf's law, ten a sentence, in a .tsv file; a process of its own for
each size. Writes benchmarks/results/large_corpus-cpu-<n>-cores.md.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import torch

from benchmarks.memory import watch_process
from benchmarks.options import count, run_as_program, write_table
from benchmarks.settings import ROOT, find_machine
from benchmarks.tables import markdown

WORDS, TYPES = 10, 50_000
SIZES = (10_000, 100_000, 1_000_000)
STAGES = ("read", "tokenise")


def write_corpus(path: Path, pairs: int) -> None:
    """`pairs` lines of two sentences each."""
    generator = torch.Generator().manual_seed(1)
    words = [_word(number) for number in range(TYPES)]
    frequencies = 1.0 / torch.arange(1, TYPES + 1)
    with path.open("w", encoding="utf-8") as file:
        for start in range(0, pairs, 10_000):
            count = min(10_000, pairs - start)
            drawn = torch.multinomial(frequencies, count * 2 * WORDS, replacement=True, generator=generator)
            for row in drawn.view(count, 2 * WORDS).tolist():
                source, target = (" ".join(words[n] for n in side) for side in (row[:WORDS], row[WORDS:]))
                file.write(f"{source}.\t{target}.\n")


def _word(number: int) -> str:
    """Letters that stand for a number, so that no two numbers have the same word."""
    letters = ""
    while number or not letters:
        number, digit = divmod(number, 21)
        letters += "bcdfghjklmnpqrstvwxyz"[digit] + "aeiou"[digit % 5]
    return letters


def measure(path: Path) -> dict[str, tuple[float, int | None]]:
    """Stage -> seconds, and bytes that the process holds at most, above what it held at first; in this process."""
    from seq2seq_lib.data.corpora import load_corpus
    from seq2seq_lib.data.tokenization import prepare
    from seq2seq_lib.data.words import tokenizer

    for language in ("en", "fr"):
        tokenizer(language)("spaCy is loaded .")
    peak, results = watch_process(), {}
    begun = time.perf_counter()
    corpus = load_corpus(path, quiet=True)
    results["read"] = time.perf_counter() - begun, peak()
    begun = time.perf_counter()
    prepare(corpus)
    results["tokenise"] = time.perf_counter() - begun, peak()
    return results


def run(options: argparse.Namespace) -> None:
    """Measures each size and writes the table."""
    rows = []
    for pairs in options.pairs:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "corpus.tsv"
            write_corpus(path, pairs)
            size = path.stat().st_size
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
                results = pool.submit(measure, path).result()
        peak = max((held or 0) for _, held in results.values())
        seconds = [f"{results[stage][0]:.1f}" for stage in STAGES]
        rows.append([f"{pairs:,}", f"{size / 1e6:.1f}", *seconds, f"{peak / 1e6:,.0f}", f"{peak / pairs:,.0f}"])
    machine = find_machine(None, None)
    columns = ["pairs", "file, MB", *(f"{stage}, s" for stage in STAGES), "peak, MB", "peak a pair, bytes"]
    text = "\n".join([
        "# Reading and tokenising a large corpus", "",
        f"Sentences of {WORDS} made-up words, {TYPES:,} types. Peak: the most that the process holds above what it",
        "held before, at the end corpus and ids together (resident memory).",
        f"{machine.title}.", "", markdown(columns, rows),
    ])  # fmt: skip
    write_table(text, options.out, f"large_corpus-{machine.slug}")


def main(arguments: Sequence[str] | None = None) -> int:
    """The program; see the module's text."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.large_corpus", description=__doc__.split("\n")[0])
    parser.add_argument("--pairs", nargs="+", type=count, default=SIZES, metavar="N", help="sizes to measure")
    parser.add_argument("--out", type=Path, default=ROOT, metavar="FOLDER", help="gets benchmarks/results")
    return run_as_program("large_corpus", parser, run, arguments)


if __name__ == "__main__":
    sys.exit(main())
