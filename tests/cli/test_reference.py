"""docs/rooms/cli.md knows every command and every flag."""

import pytest
from typer.main import get_command

from coatcheck.cli.app import app
from docs.generate import DOCS, rewrite
from docs.parts.commands import commands

PAGE = (DOCS / "rooms" / "cli.md").read_text("utf-8")
COMMANDS = dict(commands("coatcheck", get_command(app)))


def test_the_page_says_what_the_code_says():
    assert rewrite(PAGE) == PAGE, "run python -m docs.generate"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_on_the_page_with_its_flags(name):
    start = PAGE.index(f"### `{name}`\n")
    section = PAGE[start : PAGE.index("\n##", start + 1)]
    assert not [
        flag
        for parameter in COMMANDS[name].params
        for flag in parameter.opts
        if f"`{flag}" not in section and flag.startswith("--") and flag != "--help"
    ]


def test_the_commands_are_those_that_were_promised():
    users = {
        f"coatcheck users {verb}"
        for verb in [
            "add",
            "list",
            "disable",
            "enable",
            "revoke",
            "set-roles",
            "reset-password",
            "unlock",
            "remove",
        ]
    }
    sessions = {
        f"coatcheck sessions {verb}" for verb in ("list", "show", "explain", "revoke", "revoke-everyone")
    }
    keys = {f"coatcheck keys {verb}" for verb in ("list", "rotate", "retire", "reencrypt")}
    audit = {f"coatcheck audit {verb}" for verb in ("tail", "query", "export", "verify")}
    single = {"coatcheck", "coatcheck demo", "coatcheck migrate", "coatcheck routes", "coatcheck sweep"}
    assert set(COMMANDS) == single | users | sessions | keys | audit
