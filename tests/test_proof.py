"""What stands below a listing notices when the listing is wrong."""

import pytest
import torch

from seq2seq_lib.report.proof import TOLERANCE, same


def test_rounding_is_no_difference(capsys):
    numbers = torch.tensor([[1.0, -2.0, 3.0]])
    same("logits", numbers + TOLERANCE / 10, numbers)
    assert capsys.readouterr().out.startswith("logits [1, 3]: the same, largest difference 1e-06")


@pytest.mark.parametrize(
    ("ours", "message"),
    [
        (torch.tensor([1.0, 2.1]), "differ by up to 0.1"),
        (torch.tensor([1.0, float("nan")]), "differ by up to nan"),
        (torch.tensor([[1.0, 2.0]]), r"\[1, 2\] here, \[2\] in the library"),
        (torch.tensor([1.0]), r"\[1\] here, \[2\] in the library"),
    ],
)
def test_other_numbers_and_other_shapes_are(ours, message):
    """A shape that would be broadcast is no equality either."""
    with pytest.raises(AssertionError, match=f"state: .*{message}"):
        same("state", ours, torch.tensor([1.0, 2.0]))
