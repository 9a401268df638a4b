"""Where a command gets a password from: a person, a pipe, or chance. Never the command line.

What stands on a command line is in the shell's history and in the list of processes.
"""

import sys
from base64 import b32encode
from typing import Annotated

import typer

from coatcheck.cli.faults import NotDone
from coatcheck.core.entropy import Entropy, SystemEntropy

RANDOM_BYTES = 15  # 120 bits, which are 24 letters and digits without padding
GROUP = 6

AskPassword = Annotated[
    bool,
    typer.Option(
        "--ask-password", help="Ask for the password, or read a line of standard input if it is a pipe."
    ),
]


def choose_password(*, ask: bool, entropy: Entropy | None = None) -> str:
    """Return a password from a person, or else a generated one.

    Raises:
        NotDone: Standard input ends without one.
    """
    if not ask:
        return generate(entropy or SystemEntropy())
    if sys.stdin.isatty():
        answer: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
        return answer
    line = sys.stdin.readline().rstrip("\r\n")
    if not line:
        raise NotDone("there is no password on standard input")
    return line


def generate(entropy: Entropy) -> str:
    """Return a random password that is easy to read out: `k3fa9x-2bq7mc-...`."""
    letters = b32encode(entropy.token_bytes(RANDOM_BYTES)).decode("ascii").lower()
    return "-".join(letters[start : start + GROUP] for start in range(0, len(letters), GROUP))
