"""Issuing access tokens for sessions, and what a verifier needs to know of the issuer."""

from base64 import urlsafe_b64encode
from typing import Any

from joserfc.jwt import encode

from coatcheck.core.clock import Clock
from coatcheck.core.entropy import Entropy
from coatcheck.core.errors import ConfigurationError, SessionEnded
from coatcheck.core.reason import Reason
from coatcheck.core.record import Record
from coatcheck.tokens.policy import TokenPolicy
from coatcheck.tokens.sources import Keys

TYPE = "at+jwt"
ID_BYTES = 16
JWKS_PATH = "/.well-known/jwks.json"
METADATA_PATH = "/.well-known/oauth-authorization-server"  # RFC 8414


class Issuer:
    """Issues access tokens.

    Args:
        policy: What they say.
        keys: What signs them.
        clock: Tells the time.
        entropy: Draws their ids.
    """

    def __init__(self, policy: TokenPolicy, keys: Keys, clock: Clock, entropy: Entropy) -> None:
        self.policy = policy
        self.keys = keys
        self._clock = clock
        self._entropy = entropy

    async def issue(self, record: Record, audience: str | None = None) -> tuple[str, int]:
        """Return an access token for a session, and how many seconds it lives: never past its session.

        Args:
            record: The session.
            audience: The service it is for; this API if left out.

        Raises:
            ConfigurationError: No such audience is configured.
            SessionEnded: Nobody is signed in, or the session is over.
            StoreUnavailable: The keys cannot be read.
        """
        policy, identity, now = self.policy, record.identity, self._clock.now()
        audience = audience or policy.audience
        if audience != policy.audience and audience not in policy.others:
            raise ConfigurationError(f"{audience} is no audience", remedy="Add it to TokenPolicy.others")
        lifetime = int(min(policy.lifetime, record.absolute_at - now))
        if identity is None or lifetime <= 0:
            raise SessionEnded("there is nobody to issue a token for", reason=Reason.NO_SESSION)
        claims: dict[str, Any] = {
            "iss": policy.issuer,
            "sub": identity.user_id,
            "aud": audience,
            "sid": record.id,
            "client_id": policy.client_id,
            "iat": int(now),
            "nbf": int(now),
            "exp": int(now) + lifetime,
            "jti": urlsafe_b64encode(self._entropy.token_bytes(ID_BYTES)).decode().rstrip("="),
            "auth_time": int(identity.auth_time),
            "amr": list(identity.amr),
            "roles": sorted(identity.roles),
        }
        key = await self.keys.signer()
        header = {"alg": key.algorithm, "typ": TYPE, "kid": key.kid}
        return encode(header, claims, key.jose, algorithms=[key.algorithm]), lifetime

    def metadata(self, prefix: str) -> dict[str, Any]:
        """Return the authorization-server metadata (RFC 8414); `prefix` is where the HTTP API is."""
        issuer = self.policy.issuer
        return {
            "issuer": issuer,
            "jwks_uri": f"{issuer}{prefix}/jwks.json",
            "response_types_supported": [],  # required, and there is no authorization endpoint
            "grant_types_supported": [],
        }
