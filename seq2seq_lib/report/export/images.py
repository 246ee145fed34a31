"""Pictures by what their bytes are, whatever name or type came with them."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, unquote_to_bytes
from xml.etree import ElementTree

#: Of what Pillow reads, what browsers and Typst read too; the others become PNG.
KEPT = {"PNG": "image/png", "JPEG": "image/jpeg", "MPO": "image/jpeg", "GIF": "image/gif", "WEBP": "image/webp"}
#: Not all that Pillow knows: for some types it would start other programs.
READ = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF", "ICO")
#: Files with another ending stay where they are: no notebook's address takes a text of this machine along.
ENDINGS = {".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".tif", ".tiff", ".ico", ".svg"}

SVG = "{http://www.w3.org/2000/svg}svg"


def address_of(content: bytes) -> str:
    """An address that holds the picture.

    Raises:
        ValueError: "is …", when the bytes are damaged, or of a type that is not known.
    """
    kind, content = _svg(content) if content.lstrip()[:1] == b"<" else _raster(content)
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def bytes_of_output(data: str) -> bytes:
    """A picture as an output stores it: SVG as text, all else in base64."""
    return data.encode() if data.lstrip().startswith("<") else _decoded(data)


def bytes_of_target(target: str, folder: Path | None, attachments: Mapping[str, Mapping[str, str]]) -> bytes:
    """The picture that a text names: within the address, attached to the cell, or a file in the notebook's own folder.

    Raises:
        ValueError: "is …", for everything else; nothing is fetched, and no other file of this machine is read.
    """
    if target.startswith("data:"):
        head, _, data = target.partition(",")
        return _decoded(unquote(data)) if head.endswith(";base64") else unquote_to_bytes(data)
    if target.startswith("attachment:"):
        versions = attachments.get(unquote(target.removeprefix("attachment:")))
        if not versions:
            raise ValueError("is not attached to its cell")
        return bytes_of_output("".join(next(iter(versions.values()))))
    if "://" in target or target.startswith("//") or folder is None:
        raise ValueError("is elsewhere, and nothing is fetched")
    for name in (unquote(target).replace("\0", ""), target):
        file = folder / name
        if not file.resolve().is_relative_to(folder.resolve()):
            raise ValueError("is not in the notebook's own folder, which is all that an export reads")
        if file.is_file():
            if file.suffix.lower() not in ENDINGS:
                raise ValueError("is no picture by its name")
            return file.read_bytes()
    raise ValueError("is not there")


def _decoded(data: str) -> bytes:
    try:
        return base64.b64decode(data)
    except ValueError as error:
        raise ValueError("is damaged") from error


def _raster(content: bytes) -> tuple[str, bytes]:
    from PIL import Image

    try:
        with Image.open(io.BytesIO(content), formats=READ) as image:
            image.load()  # to its last line: a file that is cut short begins like any other
            if image.format in KEPT:
                return KEPT[image.format], content
            made = io.BytesIO()
            image.save(made, "PNG")
            return "image/png", made.getvalue()
    except Exception as error:  # Pillow raises whatever its readers do
        raise ValueError("is damaged, too large, or of a type that is not known here") from error


def _svg(content: bytes) -> tuple[str, bytes]:
    try:
        root = ElementTree.fromstring(content)
    except (ElementTree.ParseError, ValueError) as error:
        raise ValueError("is damaged SVG") from error
    if root.tag == "svg":  # as HTML allows it, and a file does not
        content = re.sub(rb"<svg\b", b'<svg xmlns="http://www.w3.org/2000/svg"', content, count=1)
    elif root.tag != SVG:
        raise ValueError("is no picture")
    return "image/svg+xml", content
