"""What a command says when it cannot do what it was asked: one line, and a status for scripts."""

from dataclasses import dataclass
from importlib.util import find_spec

import typer

from coatcheck.cli.status import INTERRUPTED, MISUSE, NOT_DONE
from coatcheck.core.errors import CoatcheckError

EXTRAS = {
    "argon2": "login",
    "bcrypt": "login",
    "cryptography": "encryption",
    "fastapi": "demo",
    "jinja2": "demo",
    "joserfc": "tokens",
    "python_multipart": "demo",
    "starlette": "demo",
    "uvicorn": "demo",
}
"""The extra to install for a module that is missing."""


class NotDone(Exception):
    """The command was understood, and there is nothing it could be done to: an unknown user or session."""


class MissingExtra(Exception):
    """Modules that a command needs are not installed."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What to tell: a sentence (none if there is nothing to add) and the exit status."""

    sentence: str
    status: int


def explain(error: Exception) -> Fault | None:
    """Return what to tell about an error, or None if it is a bug of ours."""
    match error:
        case NotDone():
            return Fault(str(error), NOT_DONE)
        case CoatcheckError():
            return Fault(str(error), MISUSE)
        case typer.Abort():
            return Fault("", INTERRUPTED)
        case typer.TyperException():
            told = error.format_message().removesuffix(".")
            stop = "" if told.endswith("?") else "."
            return Fault(f"{told}{stop} See {_path(error)} --help", error.exit_code)
        case MissingExtra():
            return Fault(str(error), MISUSE)
        case ModuleNotFoundError() if error.name and (extra := EXTRAS.get(error.name.partition(".")[0])):
            return Fault(f"{error.name} is not installed: pip install 'coatcheck[{extra}]'", MISUSE)
    return None


def require_demo() -> None:
    """Look for everything that the demo imports, so that all of it that is missing is told at once.

    Raises:
        MissingExtra: Something is.
    """
    needed = [name for name, extra in EXTRAS.items() if extra in ("demo", "login")]
    missing = [name for name in needed if find_spec(name) is None]
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        raise MissingExtra(f"{', '.join(missing)} {verb} not installed: pip install 'coatcheck[demo]'")


def _path(misuse: typer.TyperException) -> str:
    """Return the command whose help shows how it is used."""
    context: typer.Context | None = getattr(misuse, "ctx", None)
    return context.command_path if context else "coatcheck"
