"""What access tokens say, and for whom they are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from coatcheck.core.errors import ConfigurationError
from coatcheck.core.strength import read_secret

if TYPE_CHECKING:
    from coatcheck.stores.sealed import Sealer
    from coatcheck.tokens.sources import Keys

Unsealed = Literal["unsealed"]
UNSEALED: Unsealed = "unsealed"

LONGEST_LIFETIME = 3600.0  # a token that nobody can take back for longer is a session without a store
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenPolicy:
    """What access tokens say.

    Attributes:
        issuer: The origin of this application, such as `https://shop.example`; verifiers find the keys there.
        audience: The name of this API: the only audience whose tokens open it (ASVS 9.2.3).
        others: Names of other services for which tokens may be asked, each by its own (ASVS 9.2.4).
        client_id: What `client_id` says (RFC 9068 requires one); no client registers here.
        lifetime: Seconds a token lives; 5 minutes is the longest that a demotion stays unknown elsewhere.
        keys: Where keys come from. A `Sealer` keeps them sealed in the sessions' store; "unsealed" keeps
            them there in the clear, for development: whoever reads the store can then issue tokens.
        introspectors: Services that may ask whether a token counts: each by name, with a secret of 256 random
            bits in base64.
        from_cookie: Let a page exchange its cookie for tokens (`POST /auth/token`). A script of a stranger
            on that page can do so as well, and take them away.
    """

    issuer: str
    audience: str
    others: frozenset[str] = frozenset()
    client_id: str = "first-party"
    lifetime: float = 300.0
    keys: "Keys | Sealer | Unsealed | None" = None
    introspectors: Mapping[str, str] = field(default_factory=dict, repr=False)
    from_cookie: bool = False

    def __post_init__(self) -> None:
        require_url(self.issuer, "issuer")
        if self.issuer != "://".join(urlsplit(self.issuer)[:2]):
            raise ConfigurationError(
                f"issuer={self.issuer!r} is more than an origin", remedy="Write it like https://shop.example"
            )
        if not all((self.audience, self.client_id, *self.others)):
            raise ConfigurationError("an audience or client_id has no name", remedy="Name each service")
        if not 0 < self.lifetime <= LONGEST_LIFETIME:
            raise ConfigurationError(
                f"lifetime={self.lifetime:g} is no time for an access token",
                remedy=f"Give at most {LONGEST_LIFETIME:g} seconds; clients refresh",
            )
        if isinstance(self.keys, str) and self.keys != UNSEALED:
            raise ConfigurationError("keys are no text", remedy="Give Sealer.parse(...) or FixedKeys")
        for name, secret in self.introspectors.items():
            read_secret(secret, f"the secret of {name}")

    @property
    def audiences(self) -> frozenset[str]:
        """Every service for which tokens may be asked."""
        return self.others | {self.audience}


def require_url(url: str, what: str) -> None:
    """Refuse a URL whose answers somebody on the way could change.

    Raises:
        ConfigurationError: It is neither https, nor http on this very machine.
    """
    parts = urlsplit(url)
    if not parts.hostname or parts.username or parts.query or parts.fragment:
        raise ConfigurationError(f"{what}={url!r} is no URL", remedy="Write it like https://shop.example")
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise ConfigurationError(f"{what}={url!r} can be forged on the way", remedy="Use https")
