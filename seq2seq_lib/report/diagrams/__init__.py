"""Diagrams of the models: what each is made of, with the shapes it makes, and in colour what it changes.

They are drawn from what `asking` finds out from the built model itself.
"""

from seq2seq_lib.report.diagrams.overview import describe, overview
from seq2seq_lib.report.diagrams.unrolled import diagram

__all__ = ["describe", "diagram", "overview"]
