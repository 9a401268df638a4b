"""The scripts that make each step atomic. A server is told a digest, and the text if it is new there."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

_FOLDER = Path(__file__).parent / "lua"

Argument = str | bytes | float


@dataclass(frozen=True, slots=True)
class Script:
    """A script, and the digest by which a server knows it."""

    text: str
    digest: str


@dataclass(frozen=True, slots=True)
class Call:
    """One run of a script: atomic, on the one server that has its keys."""

    script: Script
    keys: tuple[str | bytes, ...]
    args: tuple[Argument, ...] = ()

    def by_digest(self) -> tuple[Argument, ...]:
        """Return the command that runs it if the server has it."""
        return ("EVALSHA", self.script.digest, len(self.keys), *self.keys, *self.args)

    def in_full(self) -> tuple[Argument, ...]:
        """Return the command that runs it anywhere, and leaves it there."""
        return ("EVAL", self.script.text, len(self.keys), *self.keys, *self.args)


def _script(*names: str) -> Script:
    text = "".join((_FOLDER / f"{name}.lua").read_text() for name in names)
    return Script(text, hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest())


CREATE = _script("keeping", "note", "create")
WITHDRAW = _script("withdraw")
SAVE = _script("session", "keeping", "note", "save")
TOUCH = _script("session", "keeping", "touch")
ADOPT = _script("session", "keeping", "adopt")
END = _script("session", "keeping", "note", "end")
REMOVE = _script("remove")
LOOK = _script("session", "look")
ENTER = _script("keeping", "enter")
LIST = _script("keeping", "list")
SET_VERSION = _script("keeping", "set_version")
BUMP = _script("keeping", "bump")
PUT_ROW = _script("keeping", "put_row")
NOW = _script("now")
APPEND = _script("append")
FORGET = _script("forget")
CHAIN = _script("entry", "chain")
ENTRIES = _script("entry", "entries")
