"""Where a command gets a password from: a person, a pipe, or chance. Never the command line.

What stands on a command line is in the shell's history and in the list of processes.
"""

import sys
from typing import Annotated

import typer

from coatcheck.cli.faults import NotDone
from coatcheck.core.entropy import SystemEntropy

AskPassword = Annotated[
    bool,
    typer.Option(
        "--ask-password", help="Ask for the password, or read a line of standard input if it is a pipe."
    ),
]


def choose_password(*, ask: bool) -> str:
    """Return a password from a person, or else a generated one.

    Raises:
        NotDone: Standard input ends without one.
    """
    if not ask:
        from coatcheck.login.passphrase import generate

        return generate(SystemEntropy())
    if sys.stdin.isatty():
        answer: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
        return answer
    line = sys.stdin.readline().rstrip("\r\n")
    if not line:
        raise NotDone("there is no password on standard input")
    return line
