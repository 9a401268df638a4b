"""What one may ask of the benchmarks."""

import argparse
from dataclasses import dataclass
from pathlib import Path

ENOUGH = 7  # rounds; fewer say nothing


@dataclass(frozen=True)
class Options:
    """What was asked for.

    Attributes:
        parts: Which parts.
        rounds: Interleaved rounds.
        requests: Requests, or calls, in a sample.
        million: Grow to a million sessions, which takes minutes.
        save: Keep the pages.
        json: A folder for the figures, for programs.
    """

    parts: list[str]
    rounds: int = 21
    requests: int = 300
    million: bool = False
    save: bool = False
    json: Path | None = None


def parse(given: list[str], parts: dict[str, str]) -> Options:
    """Read the command line; `parts` are the names of the parts and what they measure."""
    listing = "\n".join(f"  {name:<12}{about}" for name, about in parts.items())
    parser = argparse.ArgumentParser(
        prog="benchmarks",
        description="Measure Coatcheck, and its peers beside it.",
        epilog=f"parts:\n{listing}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help="which parts (default: all)")
    parser.add_argument("--rounds", type=int, default=21, help="interleaved rounds, at least 7 (default: 21)")
    parser.add_argument("--requests", type=int, default=300, help="requests per sample (default: 300)")
    parser.add_argument("--million", action="store_true", help="let growth go to a million: some minutes")
    parser.add_argument("--save", action="store_true", help="keep the pages in benchmarks/results")
    parser.add_argument("--json", type=Path, metavar="FOLDER", help="write the figures as JSON too")
    chosen = Options(**vars(parser.parse_args(given)))
    if chosen.rounds < ENOUGH:
        parser.error(f"fewer than {ENOUGH} rounds say nothing")
    if unknown := [part for part in chosen.parts if part not in parts]:
        parser.error(f"there is no part {unknown[0]}; there are {', '.join(parts)}")
    return chosen
