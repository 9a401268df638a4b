"""What a command says when it cannot do what it was asked: one line, and a status for scripts."""

from dataclasses import dataclass

import typer

from coatcheck.cli.status import INTERRUPTED, MISUSE, NOT_DONE
from coatcheck.core.errors import CoatcheckError

EXTRAS = {
    "argon2": "login",
    "bcrypt": "login",
    "fastapi": "demo",
    "jinja2": "demo",
    "python_multipart": "demo",
    "starlette": "demo",
    "uvicorn": "demo",
}
"""The extra to install for a module that is missing."""


class NotDone(Exception):
    """The command was understood, and there is nothing it could be done to: an unknown user or session."""


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
            return Fault(f"{error.format_message()} See {_path(error)} --help", error.exit_code)
        case ModuleNotFoundError() if error.name and (extra := EXTRAS.get(error.name.partition(".")[0])):
            return Fault(f"{error.name} is not installed: pip install 'coatcheck[{extra}]'", MISUSE)
    return None


def _path(misuse: typer.TyperException) -> str:
    """Return the command whose help shows how it is used."""
    context: typer.Context | None = getattr(misuse, "ctx", None)
    return context.command_path if context else "coatcheck"
