"""The lines of a text file, plain or compressed, in an encoding that is known and not guessed."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from seq2seq_lib.data.pairs import CorpusError

COMPRESSED = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}
#: Bytes that an encoding is looked for in, and the encodings that texts without UTF-8 have these days.
SAMPLE = 1 << 16
ENCODINGS = [
    "utf_16", "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258", "cp874",
    "shift_jis", "euc_jp", "euc_kr", "gb18030", "big5",
]  # fmt: skip


def ending_of(path: Path) -> str:
    """The ending of a file's name in lower case, without that of its compression: corpus.en.gz -> ".en"."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    plain = suffixes[:-1] if suffixes and suffixes[-1] in COMPRESSED else suffixes
    return plain[-1] if plain else ""


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """The file's bytes, uncompressed.

    Raises:
        CorpusError: when it is a folder or not there, cannot be read, or its compression is damaged.
    """
    try:
        with COMPRESSED.get(path.suffix.lower(), open)(path, "rb") as file:
            yield file
    except (EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile) as error:
        raise CorpusError(f"{path} is damaged ({error}): fetch or pack it again") from None
    except OSError as error:
        reason = error.strerror or error
        raise CorpusError(f"{path} cannot be read ({reason}): check the path and your rights to it") from None


def lines_of(file: BinaryIO, where: str, skipped: Counter[str], encoding: str | None = None) -> Iterator[str]:
    """The lines of a text, one after the other; `file` is open for reading bytes.

    Only LF and CR LF end a line: str.splitlines would cut at U+2028, U+0085 and others too, and shift all that follows.

    Args:
        encoding: by default UTF-8, and whatever a byte order mark names.

    Raises:
        CorpusError: for what the encoding cannot be, with the place, and the option that may read it.
    """
    number = 0
    for number, line in enumerate(_decoded(file, where, encoding), start=1):
        if number == 1 and line.startswith("\ufeff"):
            skipped["byte order mark"] += 1
            line = line[1:]
            number = 1 if line else 0
        if number == 0:
            break
        line = line.removesuffix("\n").removesuffix("\r")
        for character, what in (("\0", "a NUL byte"), ("\r", "a carriage return in mid-line")):
            if character in line:
                raise CorpusError(f"{where}, line {number}: {what}; save the file as text with LF or CR LF line ends")
        yield line
    if number == 0:
        raise CorpusError(f"{where} is empty: it should hold sentence pairs")


def _decoded(file: BinaryIO, where: str, encoding: str | None) -> Iterator[str]:
    if encoding is not None:
        yield from _decoded_as(encoding, file, where)
        return
    before = 0
    for number, read in enumerate(file, start=1):
        try:
            yield read.decode("utf-8")
        except UnicodeDecodeError as error:
            place = f"byte {before + error.start + 1} of the file, 0x{read[error.start]:02x}"
            raise CorpusError(f"{where}, line {number}: {place}, is not UTF-8; {_way_on(file)}") from None
        before += len(read)


def _decoded_as(encoding: str, file: BinaryIO, where: str) -> Iterator[str]:
    number, text = 0, None
    try:
        text = io.TextIOWrapper(file, encoding, newline="\n")
        for line in text:
            number += 1
            yield line
    except LookupError:
        raise CorpusError(f"no encoding is called {encoding!r}: try 'utf-8', 'cp1252' or 'utf-16'") from None
    except UnicodeError as error:
        file = text.detach()  # or it would be closed with what reads it
        raise CorpusError(f"{where}, line {number + 1}: not {encoding} ({error}); {_way_on(file)}") from None


def _way_on(file: BinaryIO) -> str:
    """What to do about bytes that cannot be decoded: the encoding that charset-normalizer takes the text for."""
    from charset_normalizer import from_bytes

    file.seek(0)
    found = from_bytes(file.read(SAMPLE), cp_isolation=ENCODINGS).best()
    if found is None:
        return "save the file as UTF-8"
    return f"save the file as UTF-8, or read it as what it looks like: encoding={found.encoding!r}"
