"""One column of the comparison: an application, and the bare one it is measured against."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

# What a signed-in user's session holds, the same in every variant.
DATA = {
    "seen": 0,
    "user": "01J9ZC5Y6Q",
    "theme": "dark",
    "locale": "en-GB",
    "cart": [{"sku": "hat-17", "count": 1}, {"sku": "coat-3", "count": 2}],
}

NO_COOKIE, READ, WRITE = "no cookie", "authenticated read", "write of one key"
PATHS = {NO_COOKIE: "/plain", READ: "/read", WRITE: "/write"}


@dataclass(frozen=True)
class Variant:
    """How to build an application, given a stack for what must be let go of afterwards.

    `/plain` says "ok"; `/login` signs in; `/read` answers with the session's `seen`, or "nobody";
    `/write` gives it a new value.
    """

    name: str
    build: Callable[[AsyncExitStack], Any]
    bare: str | None = None  # the variant it is measured against; None for a bare application
    scenarios: tuple[str, ...] = (NO_COOKIE, READ, WRITE)
