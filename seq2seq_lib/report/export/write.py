"""Executed notebooks as reports: one file for each, or one for all, in HTML or PDF."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from seq2seq_lib.report.export.assembly import assemble
from seq2seq_lib.report.export.document import Section, section_of, section_of_markdown
from seq2seq_lib.report.export.execution import clean
from seq2seq_lib.report.export.glyphs import tell_of_boxes
from seq2seq_lib.report.export.html import write_html
from seq2seq_lib.report.export.losses import Losses, place_of
from seq2seq_lib.report.export.notebooks import check_executed, read_notebook
from seq2seq_lib.report.export.pandoc import plain_text
from seq2seq_lib.report.export.pdf import write_pdf
from seq2seq_lib.report.export.title_block import TitleBlock

FORMATS = ("html", "pdf")

#: The file, without its ending, of the report that joins all sections.
JOINED = "report"


def read_section(notebook: Path, losses: Losses | None = None) -> Section:
    """A stored notebook as a section; of widgets that JupyterLab has saved with it, what stands beside them.

    Raises:
        FileNotFoundError: when there is no such file.
        ValueError: when it is no notebook, or was never run.
    """
    content = read_notebook(notebook)
    check_executed(content, notebook)
    return section_of(clean(content), notebook.stem, notebook.parent, losses)


def export_section(
    section: Section, to: str, out: Path, block: TitleBlock, *, siblings: Sequence[str] = (),
    losses: Losses | None = None,
) -> Path:  # fmt: skip
    """Writes one notebook's section as a report of its own; returns the file.

    Args:
        to: "html" or "pdf".
        out: folder of the file.
        block: course, student, number and date; the title is the section's.
        siblings: names of notebooks that are exported to the same folder: links to them lead there.
        losses: takes what the format cannot show.
    """

    def address(name: str) -> str | None:
        file = f"{name}.{to}"
        return file if name in siblings or (out / file).exists() else None

    titled = replace(block, title=section.title)
    return _write([section], to, out / f"{section.name}.{to}", titled, address, losses or Losses())


def export_joined(
    sections: Sequence[Section], to: str, out: Path, block: TitleBlock, losses: Losses | None = None
) -> Path:
    """Writes all sections as one report, the findings of the stored records before them.

    Args:
        sections: in the order of the report.
        block: with the report's title; the others as for `export_section`.
    """
    from seq2seq_lib.report.findings import recorded_findings

    findings = section_of_markdown(recorded_findings(), "findings", "Findings at a glance")
    return _write([findings, *sections], to, out / f"{JOINED}.{to}", block, lambda name: None, losses or Losses())


def _write(sections: Sequence[Section], to: str, path: Path, block: TitleBlock, address, losses: Losses) -> Path:
    if to not in FORMATS:
        raise ValueError(f"The format is {to!r}; choose one of {', '.join(FORMATS)}.")
    blocks, joined = assemble(sections, address), len(sections) > 1
    subtitle = "" if joined else sections[0].subtitle
    if to == "html":
        return write_html(blocks, block, path, subtitle=subtitle)
    for section in sections:
        text = plain_text([*section.blocks]) + section.title + section.subtitle
        tell_of_boxes(text, losses.at(place_of(section.name)))
    return write_pdf(blocks, block, path, subtitle=subtitle, joined=joined, losses=losses)
