"""Activity: is this request something that a person did (protocol.md section 1)?

Only activity moves the idle deadline. A script that polls, a prefetch or a stream must not keep a
session alive that nobody uses (A8).
"""

from coatcheck.web.csrf import SAFE_METHODS
from coatcheck.web.fields import Fields


def is_activity(method: str, fields: Fields) -> bool:
    """Judge a request that passed the guard and the CSRF check, on a route that is not passive."""
    if method == "GET":
        if not is_navigation(fields):
            return False
    elif method in SAFE_METHODS:
        return False
    if fields.get(b"coatcheck-activity") == b"passive":
        return False
    purpose = fields.get(b"sec-purpose") or fields.get(b"purpose")
    if purpose is not None and b"prefetch" in purpose:
        return False
    return fields.get(b"accept", b"").find(b"text/event-stream") < 0  # half of what `not in` takes


def is_navigation(fields: Fields) -> bool:
    """Tell whether a browser asks for a page; without fetch metadata, whether it accepts one."""
    mode = fields.get(b"sec-fetch-mode")
    if mode is not None:
        return mode == b"navigate"
    return b"text/html" in fields.get(b"accept", b"")
