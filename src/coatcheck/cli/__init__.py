"""The command line. A command talks to its terminal and calls the rooms below; it decides nothing."""

import sys
from collections.abc import Sequence

from coatcheck.cli.status import INTERRUPTED, MISUSE

NEEDED = frozenset({"typer", "rich"})


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
        sys.stderr.write("coatcheck: the command line is an extra: pip install 'coatcheck[cli]'\n")
        return MISUSE


__all__ = ["main"]
