"""Who is signed in."""

import msgspec


class Identity(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A snapshot of the account, kept in the record so that a check costs nothing.

    Attributes:
        user_id: Stable id that is never given to another user (ASVS 10.3.3). Never an e-mail address.
        email: For display.
        name: For display.
        roles: What permission checks look at; "admin may do everything" is the app's own rule.
        auth_time: When the user last authenticated, in seconds since the epoch; 0 if it counts no longer.
        amr: How they did, as RFC 8176 names it: `("pwd",)`, `("pwd", "otp")`.
    """

    user_id: str
    email: str = ""
    name: str = ""
    roles: frozenset[str] = frozenset()
    auth_time: float = 0.0
    amr: tuple[str, ...] = ()

    def has_any_role(self, roles: frozenset[str]) -> bool:
        """Tell whether the user holds at least one of the roles."""
        return not self.roles.isdisjoint(roles)

    def authenticated(self, at: float, amr: tuple[str, ...]) -> "Identity":
        """Return the same identity, authenticated at `at` (seconds since the epoch) by `amr`."""
        return msgspec.structs.replace(self, auth_time=at, amr=amr)
