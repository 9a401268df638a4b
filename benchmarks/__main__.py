"""`make bench`, or `python -m benchmarks`: measure, print the figures, and keep them where asked."""

import argparse
import json
import sys
from pathlib import Path

from benchmarks.apps.catalogue import CATALOGUE
from benchmarks.figures import figures
from benchmarks.report import Run, as_json, markdown
from benchmarks.rounds import measure

RESULTS = Path(__file__).with_name("RESULTS.md")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=21, help="interleaved rounds, at least 7 (default: 21)")
    parser.add_argument("--requests", type=int, default=300, help="requests per sample (default: 300)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to FILE as well")
    parser.add_argument("--save", action="store_true", help=f"write them to {RESULTS.name}")
    chosen = parser.parse_args()
    if chosen.rounds < 7:
        parser.error("fewer than 7 rounds say nothing")
    return chosen


def main() -> None:
    chosen = arguments()
    run = Run(chosen.rounds, chosen.requests, sys.argv[1:])
    found = figures(measure(CATALOGUE, chosen.rounds, chosen.requests))
    page = markdown(run, found)
    print(page)
    if chosen.json:
        chosen.json.write_text(json.dumps(as_json(run, found), indent=2) + "\n")
    if chosen.save:
        RESULTS.write_text(page)


if __name__ == "__main__":
    main()
