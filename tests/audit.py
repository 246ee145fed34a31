"""What is known against the locked packages: `make audit`. Each finding that is accepted says here why.

pip-audit reads requirements.lock, of which it takes what this machine would install, and asks PyPI's advisory service;
nothing is installed or resolved. torchtext 0.18.0, its last release, loads only beside torch 2.3, so torch's findings
cannot be mended by a newer torch; models and training alone run on any torch since 2.3.

The service could not be reached where the table below was written. It holds what published audits of August and
September 2026 list for torch 2.2.2 and for torch 2.4.1, which is the same, and one finding against joblib.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

ROOT = Path(__file__).parent.parent
COMMAND = (
    sys.executable, "-m", "pip_audit", "--requirement", "requirements.lock", "--require-hashes", "--disable-pip",
    "--format", "json", "--aliases", "on", "--desc", "off", "--progress-spinner", "off",
)  # fmt: skip
#: Exit statuses.
ALL_ACCEPTED, NOT_ACCEPTED, NOT_AUDITED = 0, 1, 3


class Accepted(NamedTuple):
    """Why a finding does not touch this project.

    Attributes:
        why: in a few words.
        absent: names that the project's source must not use for that to stay true, which a test sees to: one with dots
            in full, one without dots wherever it stands.
    """

    why: str
    absent: tuple[str, ...] = ()


_COMPILER = Accepted("only in what torch.compile compiles, which nothing here is", ("torch.compile", "torch.fx"))

ACCEPTED: Mapping[str, Accepted] = MappingProxyType(
    {
        # crafted files and hostile peers
        "CVE-2025-32434": Accepted(
            "a crafted file runs code in torch.load before 2.6; weights and checkpoints are read by safetensors",
            ("torch.load",),
        ),
        "CVE-2026-24747": Accepted("a crafted file, again in torch.load", ("torch.load",)),
        "CVE-2026-4538": Accepted("a crafted .pt2 file, in torch.export.load", ("torch.export",)),
        "CVE-2024-48063": Accepted(
            "a hostile peer of RemoteModule; processes share a run through all-reduce alone",
            ("RemoteModule", "torch.distributed.rpc"),
        ),
        "CVE-2024-34997": Accepted(
            "joblib's, disputed: a crafted file in joblib.load; joblib only starts worker processes here",
            ("joblib.load",),
        ),
        # wrong arguments to single functions, by whoever can run code on this machine anyway
        "CVE-2025-2998": Accepted("pad_packed_sequence is given only what pack_padded_sequence made of a batch"),
        "CVE-2025-2999": Accepted("in unpack_sequence", ("unpack_sequence",)),
        "CVE-2025-3000": Accepted("in torch.jit.script", ("torch.jit",)),
        "CVE-2025-3001": Accepted("in lstm_cell; layers are nn.LSTM", ("lstm_cell", "LSTMCell")),
        "CVE-2025-2148": Accepted(
            "in a callback of the profiler that only torch itself calls", ("_call_end_callbacks_on_jit_fut",)
        ),
        "CVE-2025-2149": Accepted("in the sigmoid of quantized tensors", ("quantized", "quantization")),
        "CVE-2025-2953": Accepted("in mkldnn_max_pool2d", ("mkldnn_max_pool2d", "max_pool2d", "MaxPool2d")),
        "CVE-2025-3730": Accepted("in ctc_loss", ("ctc_loss", "CTCLoss")),
        "CVE-2025-46148": Accepted("in PairwiseDistance", ("PairwiseDistance", "pairwise_distance")),
        "CVE-2025-55551": Accepted("in linalg.lu", ("linalg", "lu")),
        "CVE-2025-55552": Accepted("in rot90", ("rot90",)),
        "CVE-2025-55554": Accepted("in nan_to_num", ("nan_to_num",)),
        "CVE-2025-55553": _COMPILER,
        "CVE-2025-55557": _COMPILER,
        "CVE-2025-55558": _COMPILER,
        "CVE-2025-55560": _COMPILER,
    }
)


class Finding(NamedTuple):
    """One advisory against one locked package, under all names that it goes by."""

    package: str
    names: frozenset[str]
    fixed: tuple[str, ...]

    def __str__(self) -> str:
        fixed = f"fixed in {', '.join(self.fixed)}" if self.fixed else "no fixed version is named"
        return f"{self.package}: {', '.join(sorted(self.names))}; {fixed}"


def main() -> int:
    """Runs pip-audit and says what it found; the exit status is one of the three above."""
    done = subprocess.run(COMMAND, cwd=ROOT, capture_output=True, text=True, check=False)
    try:
        packages = json.loads(done.stdout)["dependencies"]
    except (ValueError, LookupError, TypeError):
        said = (done.stderr.strip() or "it said nothing").splitlines()[-1]
        print(f"Not audited: pip-audit made no report ({said}); run it where the advisory service can be reached.")
        return NOT_AUDITED
    return judge(packages)


def judge(packages: Sequence[Mapping[str, Any]]) -> int:
    """Prints what a report says of `packages`, and returns the exit status.

    A package that the service does not know is not a package without findings: pip-audit itself would call it one.
    """
    findings = dict.fromkeys(
        Finding(
            f"{package['name']} {package['version']}",
            frozenset((found["id"], *found.get("aliases", ()))),
            tuple(found.get("fix_versions", ())),
        )
        for package in packages
        for found in package.get("vulns", ())
    )
    met = {name: finding for finding in findings for name in finding.names if name in ACCEPTED}
    others = [finding for finding in findings if finding not in met.values()]
    unknown = [package["name"] for package in packages if "skip_reason" in package]
    for finding in others:
        print(f"Not accepted: {finding}.")
    if others:
        print("Update what can be updated (make lock), and explain the rest in ACCEPTED of tests/audit.py.")
        return NOT_ACCEPTED
    if unknown or not packages:
        named = f" ({', '.join(unknown[:5])}{', …' if len(unknown) > 5 else ''})" if unknown else ""
        print(
            f"Not audited: the advisory service has no answer for {len(unknown)} of {len(packages)} packages{named}; "
            "run it where PyPI's own service can be reached."
        )
        return NOT_AUDITED
    print(f"{len(packages)} packages; accepted, with reasons in tests/audit.py: {', '.join(sorted(met)) or 'nothing'}.")
    if gone := sorted(set(ACCEPTED) - set(met)):
        print(f"No longer found, so no longer to be accepted: {', '.join(gone)}.")
    return ALL_ACCEPTED


if __name__ == "__main__":
    sys.exit(main())
