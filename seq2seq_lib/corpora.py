"""Sentence pairs: the embedded grammar corpus, Multi30k, or a TSV/CSV file of your own.

What every side of every pair goes through: UTF-8, Unicode NFC (so that "é" is one character however it was typed),
white space at its ends removed. In the grammar corpus and in your own files each run of white space inside becomes one
space; Multi30k keeps its text as published, because its well-known vocabulary of 5,893 English types counts the token
that one double space leaves. Nothing is left out in silence: `load_corpus` prints what it skipped.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from seq2seq_lib.pair_files import (
    SPLITS,
    Columns,
    CorpusError,
    Languages,
    Row,
    Split,
    clean,
    fold,
    lines_of,
    read_file,
    told,
    tsv_rows,
)

CACHE_VARIABLE = "SEQ2SEQ_CACHE"
MULTI30K_URL = (
    "https://raw.githubusercontent.com/multi30k/dataset/a3d2e0d26b56f3846f66a952536ffed4e401d05a/data/task1/raw/"
)
MULTI30K_SHA256: Mapping[str, str] = MappingProxyType(
    {
        "train.en.gz": "d79cfa999dd4c51d2cb42499b6796d5a882c3a8a961923c25a898c90f8bbd56f",
        "train.fr.gz": "622e75069e9f4c577425c4f277116ce66e63a2401c0a2312d90073cb12379a3c",
        "val.en.gz": "14f7d25ddd868909a9213e361768460edcacdd6ab9d1e77b92560dc10c10dc28",
        "val.fr.gz": "ca3106f1a72390591d25f6c45cb4cd39dec4cd3f123e099748a3ce5256c160e9",
        "test_2016_flickr.en.gz": "611d361c6334bc7246101d48097c13cf5c4413c5befc793cc629934359d532d9",
        "test_2016_flickr.fr.gz": "6d326e188d259fb1d04ac19eae3af956559b3a0b93d7635e56c90987c40c8b90",
        "test_2017_flickr.en.gz": "76a444ee25172e72695cddb13ae4a3bda59430617be88e0bb46b60504f054074",
        "test_2017_flickr.fr.gz": "3ba671ceb2299f3304ffafefea7a833d08632fbaf0ba18546f8a2ec2391af496",
        "test_2017_mscoco.en.gz": "aab300bfb4427697987e02cd0aacd44bfe8aa50456231b6474c08038bbed2b58",
        "test_2017_mscoco.fr.gz": "754f3072ba9f124569ba5258b32730fc1d214bbf8e0c6dfb2b74401676220db0",
        "test_2018_flickr.en.gz": "ef4f4844037d4c5dea75c9a8ed5fd78905967a26f67c255e230cc9780032654d",
        "test_2018_flickr.fr.gz": "fb2b83fcceb937a4f7e3e93c1c51c22aba92f1e342391e6b5ba392b16a920501",
    }
)

NAMED = ("grammar", "multi30k")


@dataclass(frozen=True, repr=False)
class Corpus:
    """Pairs in three splits; equal corpora have equal fingerprints."""

    name: str  # "grammar", "multi30k" or a file's name without its folder
    source_language: str  # ISO 639-1, as spaCy names its tokenizers
    target_language: str
    train: Split
    valid: Split
    test: Split
    skipped: Mapping[str, int] = field(default_factory=dict, hash=False)  # reason -> how many; read-only

    def __post_init__(self) -> None:
        object.__setattr__(self, "skipped", MappingProxyType(dict(self.skipped)))

    def __reduce__(self) -> tuple:  # a read-only mapping cannot be pickled, and worker processes need the corpus
        languages = (self.source_language, self.target_language)
        return Corpus, (self.name, *languages, self.train, self.valid, self.test, dict(self.skipped))

    def __repr__(self) -> str:
        return f"Corpus({self.source_language}→{self.target_language}, {self.summary()})"

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 (hex) of both language codes and of every pair's split, source and target; tags do not count."""
        digest = hashlib.sha256(json.dumps([self.source_language, self.target_language]).encode())
        for split in SPLITS:
            for pair in getattr(self, split):
                digest.update(json.dumps([split, pair.source, pair.target]).encode())
        return digest.hexdigest()

    def summary(self) -> str:
        """One line: the sizes of the splits, and what was skipped and why."""
        sizes = {split: len(getattr(self, split)) for split in SPLITS}
        parts = ", ".join(f"{split} {size:,}" for split, size in sizes.items())
        return f"{self.name}: {sum(sizes.values()):,} pairs ({parts}){told(self.skipped)}"


def load_corpus(
    name_or_path: str | os.PathLike[str],
    *,
    source_language: str = "en",
    target_language: str = "fr",
    columns: tuple[str, str] | tuple[int, int] | None = None,
    seed: int = 0,
    cache: str | os.PathLike[str] | None = None,
    test_set: str = "test_2016_flickr",
    quiet: bool = False,
) -> Corpus:
    """Reads a corpus and prints one line about it.

    Args:
        name_or_path: "grammar" (ships with the project), "multi30k" (captions: Elliott et al. 2016, 2017; fetched once)
            or the path of a .tsv or .csv file: split 90/5/5 by a hash of each source sentence, so that all its
            translations lie in one split; pairs that occur twice are dropped.
        source_language, target_language: the two named corpora take ("en", "fr") or ("fr", "en").
        columns: source and target of a file: two names of a .csv's columns (default: source and target, or else the
            language codes), two numbers from 1 of a .tsv's (default: 1 and 2). Further columns are ignored.
        cache: folder of Multi30k's .gz files; default: the variable SEQ2SEQ_CACHE, or else the user's cache folder.
            With the files there no network is needed, and the folder may be read-only.
        seed: varies which sentences of a file are held out.
        test_set: Multi30k's: test_2016_flickr, test_2017_flickr, test_2017_mscoco or test_2018_flickr.
        quiet: prints neither the line nor a progress bar.

    Raises:
        CorpusError: the name is unknown, or a file is missing, damaged or not laid out as described.
    """
    languages, skipped = (source_language, target_language), Counter()
    if name_or_path in NAMED:
        _check_named(str(name_or_path), languages, columns)
    if name_or_path == "grammar":
        name, splits = "grammar", _read_grammar(_grammar_folder(), languages, skipped)
    elif name_or_path == "multi30k":
        name, splits = "multi30k", _read_multi30k(_cache_folder(cache), languages, test_set, skipped, not quiet)
    else:
        path = Path(name_or_path).expanduser()
        name, splits = path.name, read_file(path, languages, columns, seed, skipped)
    corpus = Corpus(name, *languages, *splits, skipped)
    if not quiet:
        print(corpus.summary())
    return corpus


def _check_named(name: str, languages: Languages, columns: Columns) -> None:
    if columns is not None:
        raise CorpusError(f"{name} takes no columns: they are for a file of your own")
    if set(languages) != {"en", "fr"}:
        raise CorpusError(
            f"{name} is English and French: the languages are 'en' and 'fr', in either order, not {languages}"
        )


# The two named corpora


def _grammar_folder() -> Path:
    return Path(__file__).resolve().parent.parent / "data" / "grammar"


def _read_grammar(folder: Path, languages: Languages, skipped: Counter[str]) -> list[Split]:
    """Lines `English<TAB>French<TAB>tags`, tags separated by spaces, in one file a split."""
    columns = (1, 2, 3) if languages[0] == "en" else (2, 1, 3)
    splits = []
    for split in SPLITS:
        path = folder / f"{split}.tsv"
        if not path.is_file():
            raise CorpusError(
                f"{path} is missing: the grammar corpus lies in data/grammar beside the package, so work in a copy of "
                "the project and install it from there with pip install -e ."
            )
        lines = lines_of(path.read_bytes(), str(path), skipped)
        pairs = tuple(clean(tsv_rows(lines, str(path), columns, skipped), fold, skipped))
        if not pairs:
            raise CorpusError(f"{path} holds no pair: restore it from the project")
        splits.append(pairs)
    return splits


def _read_multi30k(
    folder: Path, languages: Languages, test_set: str, skipped: Counter[str], progress: bool
) -> list[Split]:
    """Multi30k, task 1, raw text; the three splits as published."""
    test_sets = sorted({name.split(".")[0] for name in MULTI30K_SHA256} - {"train", "val"})
    if test_set not in test_sets:
        raise CorpusError(f"multi30k has no test set {test_set!r}; it has {', '.join(test_sets)}")
    splits = []
    for stem in ("train", "val", test_set):
        names = [f"{stem}.{language}.gz" for language in languages]
        sides = [lines_of(gzip.decompress(_fetch(name, folder, progress)), name, skipped) for name in names]
        splits.append(tuple(clean(_zipped(names, sides), str.strip, skipped)))
    return splits


def _zipped(names: Sequence[str], sides: Sequence[Sequence[str]]) -> list[Row]:
    """Line n of one side with line n of the other."""
    if len(sides[0]) != len(sides[1]):
        raise CorpusError(
            f"{names[0]} has {len(sides[0]):,} lines and {names[1]} has {len(sides[1]):,}: line n of one must "
            "translate line n of the other, so delete both and load again"
        )
    return [Row(source, target) for source, target in zip(*sides, strict=True)]


def _cache_folder(cache: str | os.PathLike[str] | None) -> Path:
    chosen = cache or os.environ.get(CACHE_VARIABLE)
    if not chosen:
        import pooch

        chosen = pooch.os_cache("seq2seq-report")
    return Path(chosen).expanduser()


def _fetch(name: str, folder: Path, progress: bool) -> bytes:
    """The bytes of a Multi30k file, checked by SHA-256; downloaded into `folder` if they are not there.

    A file with other bytes is reported, never overwritten: the folder may be one that somebody else fills.
    """
    path = folder / name
    way_out = f"put {MULTI30K_URL}{name} into {folder}, or set {CACHE_VARIABLE} to a folder that holds it"
    try:
        if not path.exists():
            _download(MULTI30K_URL + name, MULTI30K_SHA256[name], path, progress)
        data = path.read_bytes()
    except (OSError, ValueError) as error:  # ValueError: pooch's, for a wrong checksum
        reason = "what arrived has another SHA-256" if isinstance(error, ValueError) else type(error).__name__
        raise CorpusError(f"multi30k: could not get {name} ({reason}); {way_out}") from None
    if hashlib.sha256(data).hexdigest() != MULTI30K_SHA256[name]:
        raise CorpusError(f"multi30k: {path} is not the published file (another SHA-256); delete it, then {way_out}")
    return data


def _download(url: str, sha256: str, path: Path, progress: bool) -> None:
    import pooch

    logger = pooch.get_logger()
    level = logger.level
    logger.setLevel("ERROR")  # its message would leave this machine's folder in a notebook's stored output
    try:
        downloader = pooch.HTTPDownloader(progressbar=progress, timeout=30)
        pooch.retrieve(url, f"sha256:{sha256}", fname=path.name, path=path.parent, downloader=downloader)
    finally:
        logger.setLevel(level)
