"""What training asks of the machine: bfloat16 where it is native, and memory that is kept."""

import contextlib

import pytest
import torch

from seq2seq_lib.utils import device
from seq2seq_lib.utils.device import autocast, denormals_as_zero, has_bf16, reuse_freed_memory

CPU = torch.device("cpu")


def product_type():
    return (torch.ones(2, 2) @ torch.ones(2, 2)).dtype


@pytest.mark.parametrize(
    ("precision", "native", "expected"),
    [("fp32", True, torch.float32), ("bf16", True, torch.bfloat16), ("bf16", False, torch.float32)],
)
def test_products_are_narrow_where_asked_for_and_native(precision, native, expected, monkeypatch):
    monkeypatch.setattr(device, "has_bf16", lambda device_type: native)
    with autocast(CPU, precision):
        assert product_type() == expected
    assert product_type() == torch.float32


def test_the_processor_says_whether_it_knows_bfloat16(monkeypatch, tmp_path):
    flags = tmp_path / "cpuinfo"
    monkeypatch.setattr(device, "Path", lambda name: flags)
    for text, expected in (("flags : fpu avx512_bf16\n", True), ("flags : fpu avx512f bf16\n", False)):
        flags.write_text(text)
        has_bf16.cache_clear()
        assert has_bf16("cpu") is expected
    flags.unlink()
    has_bf16.cache_clear()
    assert has_bf16("cpu") is False, "a system without that file"
    has_bf16.cache_clear()


def test_kept_memory_changes_no_tensor():
    before = torch.arange(2**20)
    reuse_freed_memory()
    assert torch.equal(torch.arange(2**20), before)


def test_a_system_without_mallopt_is_left_as_it_is(monkeypatch):
    monkeypatch.setattr(device.ctypes, "CDLL", lambda name: object())
    reuse_freed_memory()


@pytest.mark.parametrize("fails", [False, True])
def test_denormals_are_zero_within_and_there_again_after(fails):
    tiny = torch.full((100,), 2e-38)
    with contextlib.suppress(ZeroDivisionError), denormals_as_zero(), denormals_as_zero():
        assert not (tiny / 4).any()
        if fails:
            1 / 0  # noqa: B018
    assert (tiny / 4).all()
