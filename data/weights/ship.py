"""Put the weights of committed records here, in 16 bits: `python data/weights/ship.py FOLDER PROFILE VARIANT ...`.

FOLDER is where a study has left the weights of the first seed.
"""

import sys
from pathlib import Path

from seq2seq_lib import PROFILES, recorded_study
from seq2seq_lib.data.tokenization import prepare_for
from seq2seq_lib.experiments.weights import ship


def main(folder: str, profile_name: str, *variants: str) -> None:
    profile = PROFILES[profile_name]
    data = prepare_for(profile, quiet=True)
    study = recorded_study("all", profile)
    for name in variants:
        path = ship(study.record(name, profile.seeds[0]), Path(folder), data)
        print(f"{path.name}: {path.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main(*sys.argv[1:])
