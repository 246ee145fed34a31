"""Multi30k, English and French captions (Elliott et al. 2016, 2017), fetched once and checked by SHA-256."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from seq2seq_lib.data.downloads import DownloadError, download
from seq2seq_lib.data.lines import lines_of
from seq2seq_lib.data.pairs import CorpusError, Languages, Row, Split, clean

#: The folder that holds Multi30k's files.
CACHE_VARIABLE = "SEQ2SEQ_CACHE"
#: An address that serves the same files, for networks that do not reach the one below.
MIRROR_VARIABLE = "SEQ2SEQ_MIRROR"
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


def read(folder: Path, languages: Languages, test_set: str, skipped: Counter[str], progress: bool) -> list[Split]:
    """Multi30k, task 1, raw text; the three splits as published."""
    test_sets = sorted({name.split(".")[0] for name in MULTI30K_SHA256} - {"train", "val"})
    if test_set not in test_sets:
        raise CorpusError(f"multi30k has no test set {test_set!r}; it has {', '.join(test_sets)}")
    splits = []
    for stem in ("train", "val", test_set):
        names = [f"{stem}.{language}.gz" for language in languages]
        texts = [gzip.decompress(_fetch(name, folder, progress)) for name in names]
        sides = [list(lines_of(io.BytesIO(text), name, skipped)) for name, text in zip(names, texts, strict=True)]
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


def cache_folder(cache: str | os.PathLike[str] | None) -> Path:
    chosen = cache or os.environ.get(CACHE_VARIABLE)
    if not chosen:
        import pooch

        chosen = pooch.os_cache("seq2seq-report")
    return Path(chosen).expanduser()


def _fetch(name: str, folder: Path, progress: bool) -> bytes:
    """The bytes of a Multi30k file, checked by SHA-256; downloaded into `folder` if they are not there.

    A file with other bytes is reported, never overwritten: the folder may be one that somebody else fills.
    """
    path, mirror = folder / name, os.environ.get(MIRROR_VARIABLE)
    way_out = (
        f"put {MULTI30K_URL}{name} into {folder}, or set {CACHE_VARIABLE} to a folder that holds it, "
        f"or {MIRROR_VARIABLE} to an address that serves it"
    )
    try:
        if not path.exists():
            download(f"{(mirror or MULTI30K_URL).rstrip('/')}/{name}", MULTI30K_SHA256[name], path, progress)
        data = path.read_bytes()
    except OSError as error:
        reason = str(error) if isinstance(error, DownloadError) else error.strerror
        # not the mirror's address itself, which may hold a password
        place = f" from the address in {MIRROR_VARIABLE}" if mirror else ""
        raise CorpusError(f"multi30k: could not get {name}{place} ({reason}); try again, {way_out}") from None
    if hashlib.sha256(data).hexdigest() != MULTI30K_SHA256[name]:
        raise CorpusError(f"multi30k: {path} is not the published file (another SHA-256); delete it, then {way_out}")
    return data


def is_published(path: Path) -> bool:
    """Whether a file of the cache holds the published bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest() == MULTI30K_SHA256[path.name]
