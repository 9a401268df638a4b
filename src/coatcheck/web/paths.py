"""Paths: which are too odd to serve, which rule's area they lie in, and where a redirect may lead."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, unquote

MAX_TARGET = 2048
MAX_DECODINGS = 5

# Of each of these, some server, proxy or framework makes another path.
_ODD = re.compile(r"//|\\|;|%2f|%5c|[\x00-\x1f\x7f]|/\.\.?(?:/|\Z)", re.IGNORECASE).search
_ODD_TARGET = re.compile(r"//|\\|[\x00-\x1f\x7f]|/\.\.?(?:/|\Z)").search
_PRINTABLE = re.compile(r"/[\x21-\x5b\x5d-\x7e]*").fullmatch  # no space, no backslash


def route_path(scope: Mapping[str, Any]) -> str:
    """Return the path as the framework's router sees it: without the mount point."""
    path: str = scope["path"]
    root: str = scope.get("root_path", "")
    if root and path.startswith(root) and path[len(root) : len(root) + 1] in ("", "/"):
        return path[len(root) :] or "/"
    return path


def from_root(scope: Mapping[str, Any], path: str) -> str:
    """Return where a browser finds a path of the router: below the mount point, quoted."""
    return quote(scope.get("root_path", "")) + path


def raw_path(scope: Mapping[str, Any]) -> str:
    """Return the path as the client sent it, percent-encoded."""
    raw: bytes | None = scope.get("raw_path")
    return quote(scope["path"]) if raw is None else raw.partition(b"?")[0].decode("latin-1")


def is_odd(scope: Mapping[str, Any]) -> bool:
    """Tell whether two programs could disagree about which resource a path names (A44).

    `//`, dot segments, a backslash, `;`, an encoded slash and control characters, as sent or decoded.
    """
    raw: bytes | None = scope.get("raw_path")
    path: str = scope["path"]
    if not path.startswith("/") or _ODD(path) is not None:
        return True
    sent = path if raw is None else raw.partition(b"?")[0].decode("latin-1")
    return sent != path and _ODD(sent) is not None


def safe_target(target: str | None, otherwise: str = "/") -> str:
    """Return `target` if it is a path on this very origin, else `otherwise` (ASVS 3.7.2, A43).

    However often something decodes it on the way, it must neither leave the origin nor hold
    anything that browsers drop, bend or climb by.
    """
    if target is None or len(target) > MAX_TARGET or _PRINTABLE(target) is None:
        return otherwise
    path = re.split(r"[?#]", target, maxsplit=1)[0]
    for _ in range(MAX_DECODINGS):
        if _ODD_TARGET(unicodedata.normalize("NFKC", path)) is not None:
            return otherwise
        decoded = unquote(path)
        if decoded == path:
            return target
        path = decoded
    return otherwise
