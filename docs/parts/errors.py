"""Every code that a program may meet: errors, reasons, outcomes of sign-in, problems over HTTP."""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator

from coatcheck.core import errors
from coatcheck.core.errors import CoatcheckError, ConfigurationError
from coatcheck.core.reason import Reason
from coatcheck.login import outcome, rules
from coatcheck.web import problem
from docs.parts.docstrings import summary, table
from docs.parts.reasons import MEANINGS

ROOMS = ("core", "manager", "stores", "login", "web")
SAID_WHERE_RAISED = "Each comes with its own"
REMEDIES = {ConfigurationError: SAID_WHERE_RAISED}


def kinds() -> list[type[CoatcheckError]]:
    """Return every error that is raised itself, in the order of the codes."""
    for room in ROOMS:
        package = importlib.import_module(f"coatcheck.{room}")
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(found.name)
    return sorted((kind for kind in _below(CoatcheckError) if _is_raised(kind)), key=lambda kind: kind.code)


def error_tree(_: str = "") -> str:
    """Return the tree as it is drawn at the top of its file."""
    drawing = inspect.getdoc(errors) or ""
    return f"```text\n{inspect.cleandoc(drawing.split(chr(10) * 2)[1])}\n```"


def error_table(_: str = "") -> str:
    """Return every error with what to do about it."""
    rows = [
        (f"`{kind.code}`", f"`{kind.__name__}`", summary(kind), _sentence(_remedy(kind))) for kind in kinds()
    ]
    return table(("code", "error", "what it says", "remedy"), rows)


def reason_table(_: str = "") -> str:
    """Return every reason with its meaning and what to do."""
    return table(("reason", "what happened", "what to do"), [(f"`{r}`", *MEANINGS[r]) for r in Reason])


def outcome_table(_: str = "") -> str:
    """Return every refusal of the login room with the sentence that a person reads."""
    return table(("code", "sentence"), [(f"`{code}`", text) for code, text in sorted(outcomes().items())])


def problem_table(_: str = "") -> str:
    """Return the problems that are neither reasons nor outcomes, with what a person is told."""
    known = {*Reason, *outcomes()}
    sentences = vars(problem)["_SENTENCES"].items()
    return table(("code", "sentence"), [(f"`{code}`", text) for code, text in sentences if code not in known])


def outcomes() -> dict[str, str]:
    """Return the codes and sentences of the login room's refusals, with `N` for what a policy sets."""
    return outcome.SENTENCES | {
        code: re.sub(r"{.*?}", "N", sentence) for code, sentence in rules.SENTENCES.items()
    }


def _below(kind: type[CoatcheckError]) -> Iterator[type[CoatcheckError]]:
    for below in kind.__subclasses__():
        yield below
        yield from _below(below)


def _is_raised(kind: type[CoatcheckError]) -> bool:
    return "Never raised itself" not in (kind.__doc__ or "")


def _remedy(kind: type[CoatcheckError]) -> str:
    return REMEDIES.get(kind, kind.remedy)


def _sentence(text: str) -> str:
    return f"{text}." if text else ""
