"""The notebooks' jobs from a shell: `python -m seq2seq_lib study encoder --profile report`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seq2seq_lib.data.tokenization import Data


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; an error that the user can mend is one sentence on standard error and exit status 2.

    `doctor` ends with 1 where something is to be mended.
    """
    parser = _parser()
    options, more = parser.parse_known_args(arguments)
    if more and not hasattr(options, "more"):
        parser.error(f"unrecognized arguments: {' '.join(more)}")
    options.more = more
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")  # a letter that a terminal lacks costs that letter, not the rest
    try:
        status = options.run(options) or 0
        sys.stdout.flush()
        return status
    except BrokenPipeError:  # whoever read has seen enough; the interpreter would complain once more as it ends
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except ValueError as error:
        told = str(error)
    except OSError as error:
        told, path = str(error), error.filename
        if path:  # the system's error, which names it; ours are sentences already
            told = f"{path} cannot be used ({error.strerror}): check the path, your rights to it and the room there."
    print(f"seq2seq_lib: {told}", file=sys.stderr)
    return 2


def _parser() -> argparse.ArgumentParser:
    from seq2seq_lib.analysis.claims import CLAIMS
    from seq2seq_lib.config import PROFILES
    from seq2seq_lib.experiments.tracking import TRACKERS
    from seq2seq_lib.models.variants import SECTIONS
    from seq2seq_lib.report.commands import add_commands
    from seq2seq_lib.report.interpreter import add_translate

    parser = argparse.ArgumentParser(prog="python -m seq2seq_lib", description=__doc__)
    commands = parser.add_subparsers(required=True)

    study = commands.add_parser("study", help="train what has no record yet and print the comparison")
    study.add_argument("section", choices=(*SECTIONS, "all"))
    study.add_argument("--profile", choices=PROFILES, default="quick")
    study.add_argument("--variants", nargs="+", metavar="NAME", help="some of the section's variants")
    study.add_argument("--seeds", nargs="+", type=int, metavar="N", help="other seeds than the profile's")
    study.add_argument("--jobs", type=int, help="runs side by side; 1 gives each run all cores")
    study.add_argument("--records", type=Path, metavar="FOLDER", help="where records and weights go")
    study.add_argument("--data", type=Path, metavar="FILE", help="the profile's corpus as `pack` wrote it")
    study.add_argument(
        "--log", choices=TRACKERS, help="watch the curves there as well; its package has to be installed"
    )
    study.set_defaults(run=_study)

    pack = commands.add_parser("pack", help="write a profile's tokenised corpus to one file, for another machine")
    pack.add_argument("--profile", choices=PROFILES, default="quick")
    pack.add_argument("--out", type=Path, required=True, metavar="FILE", help="such as corpus.json.gz")
    pack.set_defaults(run=_pack)

    verdicts = commands.add_parser("verdicts", help="print what the stored records say about a section's claims")
    verdicts.add_argument("section", choices=(*dict.fromkeys(claim.section for claim in CLAIMS), "all"))
    verdicts.add_argument("--profile", choices=PROFILES, default="long")
    verdicts.add_argument("--records", type=Path, metavar="FOLDER", help="by default data/records/<profile>")
    verdicts.set_defaults(run=_verdicts)

    findings = commands.add_parser("findings", help="print the README's findings, made from the stored records")
    findings.set_defaults(run=_findings)

    commands.add_parser("doctor", help="look for what keeps the report from running here").set_defaults(run=_doctor)

    add_translate(commands)
    add_commands(commands)
    return parser


def _study(options: argparse.Namespace) -> None:
    from seq2seq_lib.experiments.studies import run_study
    from seq2seq_lib.training.distributed import find_process_group

    study = run_study(
        options.section, options.profile, variants=options.variants, seeds=options.seeds, n_jobs=options.jobs,
        folder=options.records, data=_packed_data(options.data, options.profile) if options.data else None,
        log=options.log,
    )  # fmt: skip
    if not find_process_group().is_main:
        return
    from seq2seq_lib.report.tables import comparison

    print(comparison(study).to_string())


def _packed_data(path: Path, profile_name: str) -> Data:
    from seq2seq_lib.config import find_profile
    from seq2seq_lib.data.dataset import load_data
    from seq2seq_lib.data.pairs import CorpusError

    data, profile = load_data(path), find_profile(profile_name)
    name = Path(profile.corpus).name  # a corpus that is a file goes by its name without its folder
    if (data.corpus.name, data.min_freq) != (name, profile.min_freq):
        raise CorpusError(
            f"{path} holds {data.corpus.name} with min_freq {data.min_freq}, and the profile {profile.name} needs "
            f"{name} with {profile.min_freq}: make it with `python -m seq2seq_lib pack --profile {profile.name}`"
        )
    return data


def _pack(options: argparse.Namespace) -> None:
    from seq2seq_lib.config import find_profile
    from seq2seq_lib.data.dataset import save_data
    from seq2seq_lib.data.tokenization import prepare_for

    save_data(prepare_for(find_profile(options.profile)), options.out)
    print(f"{options.out}: {options.out.stat().st_size / 1e6:.1f} MB.")


def _verdicts(options: argparse.Namespace) -> None:
    from seq2seq_lib.experiments.studies import recorded_study
    from seq2seq_lib.report.tables import how_judged, verdict_table

    study = recorded_study("all", options.profile, folder=options.records)
    print(how_judged(study))
    print(verdict_table(study, options.section).to_string())


def _doctor(options: argparse.Namespace) -> int:
    from seq2seq_lib.report.doctor import print_findings

    return 0 if print_findings() else 1


def _findings(options: argparse.Namespace) -> None:
    from seq2seq_lib.report.findings import recorded_findings_in_words

    print(recorded_findings_in_words())


if __name__ == "__main__":
    sys.exit(main())
