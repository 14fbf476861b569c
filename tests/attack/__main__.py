"""Try every case and print a line a figure: python -m tests.attack [GROUP ...] [--list]

Exits with 1 where an attack came through. No model, no network beyond 127.0.0.1, some two minutes on two cores.
"""

import argparse
import logging
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from tests.attack.cases import CASES
from tests.attack.ground import Case, opened, tried


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("groups", nargs="*", help="only these")
    parser.add_argument("--list", action="store_true", help="print each case with what was told of it")
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    groups: dict[str, list[Case]] = defaultdict(list)
    for case in CASES:
        if not options.groups or case.group in options.groups:
            groups[case.group].append(case)
    through: list[str] = []
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder)) as ground:
        for group, cases in groups.items():
            held, messages, slowest = 0, set[str](), 0.0
            for case in cases:
                began = time.perf_counter()
                try:
                    told = tried(case, ground)
                    held += 1
                    messages.add(told)
                except AssertionError as error:
                    told = f"CAME THROUGH: {error}"
                    through.append(f"{group}, {case.name}: {error}")
                seconds = time.perf_counter() - began
                slowest = max(slowest, seconds)
                if options.list:
                    print(f"  {seconds:5.1f} s {case.name}: {told}", flush=True)
            print(
                f"{group:14} {len(cases):4} tried {held:4} held {len(messages):4} messages, slowest {slowest:5.1f} s",
                flush=True,
            )
    tried_in_all = sum(map(len, groups.values()))
    print(f"{'all':14} {tried_in_all:4} tried {tried_in_all - len(through):4} held")
    for line in through:
        print(line, file=sys.stderr)
    return 1 if through else 0


if __name__ == "__main__":
    sys.exit(main())
