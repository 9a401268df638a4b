"""The command line as it is: every command, with its arguments and flags."""

from collections.abc import Iterator
from typing import Any

from typer.main import get_command

from coatcheck.cli.app import app
from docs.parts.docstrings import table

SHARED = {"--database", "--accounts", "--json", "--help"}


def reference(_: str = "") -> str:
    """Return every command with what it takes; the flags of nearly all stand in a table of their own."""
    everywhere: dict[str, Any] = {}
    sections = []
    for name, command in commands("coatcheck", get_command(app)):
        flags = {_name(parameter): parameter for parameter in command.params}
        everywhere |= {flag: found for flag, found in flags.items() if flag in SHARED}
        own = [found for flag, found in flags.items() if flag not in SHARED]
        shared = ", ".join(f"`{flag}`" for flag in flags if flag in SHARED)
        parts = [f"### `{name}`", command.help or "", _rows(own) if own else ""]
        parts.append(f"Shared flags: {shared}." if shared else "")
        sections.append("\n\n".join(part.strip() for part in parts if part))
    return "\n\n".join([*sections, "### Shared flags", _rows(everywhere.values()).strip()]) + "\n"


def commands(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    """Yield a command and all below it, with the names they are called by."""
    inner = getattr(command, "commands", {})
    if command.params or not inner:
        yield name, command
    for word, below in sorted(inner.items()):
        yield from commands(f"{name} {word}", below)


def _rows(parameters: Any) -> str:
    return table(("", "meaning", "default"), [_row(parameter) for parameter in parameters])


def _row(parameter: Any) -> tuple[str, str, str]:
    value = "" if getattr(parameter, "is_flag", False) else f" {parameter.metavar or ''}"
    shown = _name(parameter) + value if _name(parameter).startswith("-") else parameter.metavar
    variable = f"; `{parameter.envvar}` in the environment" if parameter.envvar else ""
    return f"`{shown.strip()}`", parameter.help or "", _default(parameter) + variable


def _default(parameter: Any) -> str:
    match parameter.default() if callable(parameter.default) else parameter.default:
        case None | False | "":
            return ""
        case float(seconds):
            return f"`{seconds:g}`"
        case list(values):
            return f"`{', '.join(values)}`"
        case value:
            return f"`{value}`"


def _name(parameter: Any) -> str:
    return max(parameter.opts, key=len)
