"""The cookies: a strict reader, a strict writer, and the policy that names them.

The standard library's parser drops every cookie behind a malformed one, and silently picks one of
two with the same name. This reader looks for one exact name, and never picks.
"""

import ipaddress
import re
from dataclasses import dataclass
from enum import Enum
from typing import Literal, Self

from coatcheck.core.errors import ConfigurationError
from coatcheck.core.lifetimes import MAX_COOKIE_AGE
from coatcheck.core.token import TOKEN_CHARACTERS

MAX_COOKIE_BYTES = 4096  # ASVS 3.3.5: name and value together
DEVICE_CHARACTERS = 43  # 32 bytes in base64url
FRESH = "1"
HOST_PREFIX = "__Host-"
SEMICOLON = ord(";")

_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", re.ASCII).fullmatch  # RFC 9110 5.6.2
_BASE64URL = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_VALUE = re.compile(r"[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*").fullmatch  # RFC 6265 4.1.1


class CookieFault(Enum):
    """Why a cookie that came is not believed."""

    DUPLICATE = "duplicate"
    MALFORMED = "malformed"


class Cookie:
    """One cookie of ours: how it is read from a `cookie` field and written into `set-cookie`."""

    __slots__ = ("_attributes", "_length", "_needle", "name")

    def __init__(self, name: str, length: int, same_site: str = "Lax") -> None:
        self.name = name
        self._needle = f"{name}=".encode("ascii")
        self._length = length
        self._attributes = f"; Path=/; HttpOnly; SameSite={same_site}"

    def read(self, field: bytes | None) -> str | CookieFault | None:
        """Return the one value, or what is wrong with what came, or None where nothing came."""
        found = self.find(field)
        if not isinstance(found, bytes):
            return found
        return CookieFault.MALFORMED if found.translate(None, _BASE64URL) else found.decode("ascii")

    def find(self, field: bytes | None) -> bytes | CookieFault | None:
        """Return what `read` does, for whoever looks at the characters of the value anyway.

        The name is compared case-sensitively (RFC 6265bis 5.7). A cookie bomb costs one pass (A16).
        """
        if field is None or (start := field.find(self._needle)) == -1:
            return None
        needle, found = self._needle, None
        while start != -1:
            after = start + len(needle)
            if start == 0 or field[start - 1] == SEMICOLON or field[start - 2 : start] == b"; ":
                if found is not None:
                    return CookieFault.DUPLICATE
                end = field.find(b";", after)
                if end == -1:
                    found = field[after:]
                    break
                found, after = field[after:end], end
            start = field.find(needle, after)
        if found is None:
            return None
        return found if len(found) == self._length else CookieFault.MALFORMED

    def write(self, value: str, *, max_age: int | None = None, secure: bool = True) -> bytes:
        """Return a `set-cookie` value; `max_age` in seconds, None for the browser's session.

        Raises:
            ConfigurationError: The value cannot stand in a cookie, or is too long for one.
        """
        if _VALUE(value) is None or len(self._needle) + len(value) > MAX_COOKIE_BYTES:
            raise ConfigurationError(
                f"the value for cookie {self.name} is not fit for one",
                remedy="Use printable ASCII, none of quote, comma, semicolon and space, at most 4096 bytes",
            )
        age = "" if max_age is None else f"; Max-Age={min(int(max_age), int(MAX_COOKIE_AGE))}"
        return f"{self.name}={value}{self._attributes}{'; Secure' if secure else ''}{age}".encode("ascii")

    def delete(self, *, secure: bool = True) -> bytes:
        """Return a `set-cookie` value that deletes the cookie; the same attributes as when it was set."""
        return self.write("", max_age=0, secure=secure)


@dataclass(frozen=True, slots=True, kw_only=True)
class CookiePolicy:
    """Names and attributes of our cookies.

    Attributes:
        name: The session's cookie. `__Host-` makes browsers insist on Secure, Path=/ and no Domain
            (ASVS 3.3.3).
        device_name: The cookie by which a device is known again; no credential.
        same_site: `Lax`; `Strict` for an admin site that nobody links to (ASVS 3.3.2).
        insecure_dev: Accept plain http from this very machine, with names without a prefix.
    """

    name: str = "__Host-session"
    device_name: str = "__Host-device"
    same_site: Literal["Lax", "Strict"] = "Lax"
    insecure_dev: bool = False

    def __post_init__(self) -> None:
        if self.same_site not in ("Lax", "Strict"):
            raise ConfigurationError(f"same_site={self.same_site!r}", remedy="Use 'Lax' or 'Strict'")
        if self.name == self.device_name:
            raise ConfigurationError("both cookies have one name", remedy="Name them differently")
        for name in (self.name, self.device_name):
            if _NAME(name) is None:
                raise ConfigurationError(f"{name!r} is no name for a cookie", remedy="Use letters and -")
            if self.insecure_dev and name.startswith("__"):
                raise ConfigurationError(
                    f"browsers refuse {name} over plain http", remedy="Use CookiePolicy.development()"
                )
            if not self.insecure_dev and not name.startswith(HOST_PREFIX):
                raise ConfigurationError(
                    f"cookie {name} lacks the prefix {HOST_PREFIX}",
                    remedy="Add it (ASVS 3.3.1), or say insecure_dev=True for plain http on this machine",
                )

    @classmethod
    def development(cls) -> Self:
        """Return the policy for plain http on this very machine."""
        return cls(name="coatcheck-session", device_name="coatcheck-device", insecure_dev=True)

    def session_cookie(self) -> Cookie:
        """Return the session's cookie."""
        return Cookie(self.name, TOKEN_CHARACTERS, self.same_site)

    def fresh_cookie(self) -> Cookie:
        """Return the cookie by which a browser asks for what it has just stored; no credential."""
        return Cookie(f"{self.name}-fresh", len(FRESH), self.same_site)

    def device_cookie(self) -> Cookie:
        """Return the known device's cookie."""
        return Cookie(self.device_name, DEVICE_CHARACTERS, self.same_site)

    def allows_plain(self, peer: str) -> bool:
        """Tell whether cookies may travel over plain http: in development, from this very machine."""
        return self.insecure_dev and is_loopback(peer)


def is_loopback(peer: str) -> bool:
    """Tell whether an address is this very machine's."""
    try:
        return ipaddress.ip_address(peer).is_loopback
    except ValueError:
        return False
