"""A plugin: whatever runs, no token that was handed out may be found in a log or a store (ASVS 16.2.5, A54).

Every text of a token that is asked for in this process is remembered, and those that live servers set as
cookies. After each test its folder and what was logged are searched for them; a database server's files are
searched when it stops.
"""

import logging
import re
import string
from collections.abc import Iterable
from pathlib import Path

import pytest

from coatcheck.core.token import TOKEN_CHARACTERS, Token

ISSUED: set[bytes] = set()
_LETTERS = string.ascii_letters + string.digits + "_-"
_LOOKS_LIKE = re.compile(rb"[%s]{%d,}" % (_LETTERS.encode(), TOKEN_CHARACTERS))
# The same at once for a whole file, which takes a fifth of the time: every letter of a token is an `x`.
_MASK = bytes(ord("x" if chr(byte) in _LETTERS else ".") for byte in range(256))
_MASKED = b"x" * TOKEN_CHARACTERS
MOST = 64 << 20  # bytes: what is larger than this was written by no test


class _Heard(logging.Handler):
    """Keeps what was logged during one test, traces included."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(logging.Formatter("%(message)s %(event)s", defaults={"event": ""}))
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


_heard = _Heard()


def pytest_configure() -> None:
    spoken = Token.text.fget

    def text(self: Token) -> str:
        said = spoken(self)
        ISSUED.add(said.encode())
        return said

    Token.text = property(text, doc=Token.text.__doc__)
    logging.getLogger().addHandler(_heard)


def found_in(content: bytes) -> set[bytes]:
    """Return the issued tokens that stand in some bytes."""
    runs = _LOOKS_LIKE.findall(content) if ISSUED and _MASKED in content.translate(_MASK) else ()
    windows = (
        run[start : start + TOKEN_CHARACTERS]
        for run in runs
        for start in range(len(run) - TOKEN_CHARACTERS + 1)
    )
    return ISSUED.intersection(windows)


def search(files: Iterable[Path]) -> dict[str, set[bytes]]:
    """Return which files hold issued tokens."""
    found = {}
    for path in files:
        if path.is_file() and not path.is_symlink() and path.stat().st_size <= MOST:
            tokens = found_in(path.read_bytes())
            if tokens:
                found[str(path)] = tokens
    return found


@pytest.fixture(autouse=True)
def _no_token_is_written_down(request):
    _heard.lines.clear()
    yield
    assert not found_in("\n".join(_heard.lines).encode()), "a token was logged"
    folder = request.node.funcargs.get("tmp_path")
    if folder is not None:
        assert not search(folder.rglob("*")), "a token was written down"
