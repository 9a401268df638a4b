"""The command line. A command talks to its terminal and calls the rooms below; it decides nothing."""

import sys
from collections.abc import Sequence

from coatcheck.cli.status import INTERRUPTED, MISUSE

NEEDED = frozenset({"typer", "rich"})
EXTRAS = {"demo": "demo", "users": "cli,login"}
"""The extras that a command needs beside `cli`, told together with it."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `coatcheck` and return its exit status; `arguments` replaces those of the process."""
    try:
        from coatcheck.cli.app import run

        return run(arguments)
    except KeyboardInterrupt:  # while it was still starting
        return INTERRUPTED
    except ModuleNotFoundError as missing:
        if missing.name not in NEEDED:
            raise
        command = next(iter(sys.argv[1:] if arguments is None else arguments), "")
        extras = EXTRAS.get(command, "cli")
        sys.stderr.write(f"coatcheck: the command line is an extra: pip install 'coatcheck[{extras}]'\n")
        return MISUSE


__all__ = ["main"]
