"""Fuzzing with atheris, guided by what the code runs: each target in a process of its own.

    python -m tests.fuzz [--seconds 60] [TARGET...]

Status 1 says that something did not hold; the input lies in the file that is named then.
"""

import argparse
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

MISSING = (
    "atheris is not installed, so nothing is fuzzed. It has wheels for CPython on Linux: "
    ".venv/bin/python -m pip install 'atheris>=3.0'\n"
)
NAMES = ("token", "cookie", "access-token", "header", "claims", "sealed", "data")
LONGEST = 2_048  # bytes of one input; an access token of ours has about 800


def main(arguments: list[str] | None = None) -> int:
    """Fuzz what was asked for, one target after the other; return the status."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__.partition("\n")[0])
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"of {', '.join(NAMES)}; all by default")
    parser.add_argument("--seconds", type=int, default=60, help="for each target (60)")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)  # in a target's own process
    wanted = parser.parse_args(arguments)
    if unknown := set(wanted.targets) - set(NAMES):
        parser.error(f"there is no target {', '.join(sorted(unknown))}")
    if find_spec("atheris") is None:
        sys.stderr.write(MISSING)
        return 0
    if wanted.inside:
        _fuzz(wanted.targets[0], wanted.seconds)
    failed = [name for name in wanted.targets or NAMES if not _run(name, wanted.seconds)]
    for name in failed:
        sys.stderr.write(f"{name}: something does not hold, see above\n")
    return 1 if failed else 0


def _run(name: str, seconds: int) -> bool:
    sys.stderr.write(f"--- {name}, {seconds} s\n")
    command = [sys.executable, "-m", "tests.fuzz", "--inside", "--seconds", str(seconds), name]
    return subprocess.run(command, check=False).returncode == 0


def _fuzz(name: str, seconds: int) -> None:
    """Fuzz one target; ends the process."""
    import atheris

    with atheris.instrument_imports(include=["coatcheck"]):
        from tests.fuzz.targets import TARGETS
    target = TARGETS[name]
    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(target.seeds):
            (Path(corpus) / f"seed-{number}").write_bytes(seed)
        options = {
            "max_total_time": seconds,
            "max_len": LONGEST,
            "print_final_stats": 1,
            "verbosity": 0,
            "artifact_prefix": f"{tempfile.gettempdir()}/coatcheck-{name}-",
        }
        flags = [f"-{flag}={value}" for flag, value in options.items()]
        atheris.Setup([sys.argv[0], *flags, corpus], target.holds)
        atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
