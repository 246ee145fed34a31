"""One thread a process: the tensors here are tiny, and threads that wait for each other are slow on a busy machine."""

import os
import shutil
from pathlib import Path

import pytest
import torch

from tests.browser import open_chromium

torch.set_num_threads(1)
os.environ.setdefault("OMP_NUM_THREADS", "1")  # of the processes that tests start

#: Runs write their files to the disk for good, which takes a tenth of a second each time; memory is there at once.
MEMORY = Path("/dev/shm")
if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > 2 * 2**30:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))

#: They start first, the longest before the others, so that none of them is left for one worker to run alone at the end.
SLOW = (
    "test_in_jupyterlab", "test_lab_setup", "test_kernel_interrupt", "test_hostile_corpus", "test_interruption",
    "test_benchmarks", "test_fuzz", "test_report_html", "test_variants", "test_processes", "test_workers",
    "test_report_panels", "test_report_pdf", "test_command_line", "test_report_diagrams", "test_hostile_names",
)  # fmt: skip


def pytest_configure(config):
    config.option.loadscopereorder = False  # pytest-xdist's own order would start the files with the fewest tests last


def pytest_collection_modifyitems(items):
    places = {name: place for place, name in enumerate(SLOW)}
    items.sort(key=lambda item: places.get(item.path.stem, len(SLOW)))


@pytest.fixture(autouse=True)
def one_thread():
    """A benchmark under test takes all cores, and left to later tests they made a step eighty times as long."""
    yield
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def tiny_data():
    """Sixty pairs of a few words, their sources from 5 to 8 tokens with EOS: 44 for training, 10 and 6 for the rest."""
    from seq2seq_lib.data.corpora import Corpus
    from seq2seq_lib.data.pairs import Pair
    from seq2seq_lib.data.tokenization import prepare

    nouns = ("cat chat", "dog chien", "bird oiseau", "child enfant", "man homme")
    verbs = ("sleeps dort", "eats mange", "runs court", "often sings chante")
    pairs = [
        Pair(
            f"{adverb} a {noun.split()[0]} {' '.join(verb.split()[:-1])}.",
            f"{mot} un {noun.split()[1]} {verb.split()[-1]}.",
        )
        for adverb, mot in (("Today", "Aujourd'hui"), ("Here", "Ici"), ("Every day at noon", "Souvent"))
        for noun in nouns
        for verb in verbs
    ]
    return prepare(Corpus("tiny", "en", "fr", tuple(pairs[:44]), tuple(pairs[44:54]), tuple(pairs[54:])))


@pytest.fixture(scope="module")
def browser():
    """Playwright's `Browser` on the machine's Chromium; a file's tests share it.

    Not the session's: while Playwright runs, its event loop is this thread's, and tests of notebooks want their own.
    """
    with open_chromium() as started:
        yield started


@pytest.fixture
def fresh_seed(request):
    """A seed whose runs leave nothing, so that they train again next time; other tests share their folder meanwhile."""
    from seq2seq_lib.experiments.records import CACHE

    yield request.param
    for path in CACHE.glob(f"smoke/*-seed{request.param}-*"):
        path.unlink()
