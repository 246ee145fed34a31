"""Write train.tsv, valid.tsv and test.tsv from the grammar; --check compares, --out writes elsewhere."""

import argparse
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from generator.splits import corpus, text  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare with the files on disk and write nothing")
    parser.add_argument("--out", type=Path, default=HERE, metavar="DIR", help="folder to write to or compare with")
    options = parser.parse_args()
    different = []
    for split, pairs in corpus().items():
        path, content = options.out / f"{split}.tsv", text(pairs).encode("utf-8")
        if not options.check:
            options.out.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        elif not path.exists() or path.read_bytes() != content:
            different.append(path.name)
    if different:
        print("differ from the grammar:", *different)
    return bool(different)


if __name__ == "__main__":
    sys.exit(main())
