"""Issuing access tokens for sessions, and what a verifier needs to know of the issuer."""

from base64 import urlsafe_b64encode
from typing import Any

from joserfc.jwt import encode

from coatcheck.core.clock import Clock
from coatcheck.core.entropy import Entropy
from coatcheck.core.errors import ConfigurationError, SessionEnded
from coatcheck.core.reason import Reason
from coatcheck.core.record import Record
from coatcheck.tokens.checking import LEEWAY, Expected, check
from coatcheck.tokens.claims import AccessToken, Invalid
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

    async def issue(
        self, record: Record, audience: str | None = None, *, grant: str = "", step: int = 0
    ) -> tuple[str, int]:
        """Return an access token for a session, and how many seconds it lives: never past its session.

        Args:
            record: The session.
            audience: The service it is for; this API if left out.
            grant: Id of the grant whose refresh token it goes out with. Without one the token is for
                other services: this API takes none that names no grant of its session.
            step: Which of that grant's tokens.

        Raises:
            ConfigurationError: No such audience is configured.
            SessionEnded: Nobody is signed in, or the session is over.
            StoreUnavailable: The keys cannot be read.
        """
        policy, identity, now = self.policy, record.identity, self._clock.now()
        audience = audience or policy.audience
        if audience not in policy.audiences:
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
            **({"grant": grant, "step": step} if grant else {}),
        }
        key = await self.keys.signer()
        header = {"alg": key.algorithm, "typ": TYPE, "kid": key.kid}
        return encode(header, claims, key.jose, algorithms=[key.algorithm]), lifetime

    async def verify(self, text: str, audiences: frozenset[str]) -> AccessToken | None:
        """Return what a token of ours says, if it is for one of the audiences; its session is not asked for.

        Raises:
            StoreUnavailable: The keys cannot be read.
        """
        expected = Expected(self.policy.issuer, audiences, LEEWAY, self.policy.lifetime)
        token = await check(text, self.keys.find, expected, self._clock)
        return None if isinstance(token, Invalid) else token

    def metadata(self, prefix: str) -> dict[str, Any]:
        """Return the authorization-server metadata (RFC 8414); `prefix` is where the HTTP API is."""
        issuer = self.policy.issuer
        return {
            "issuer": issuer,
            "jwks_uri": f"{issuer}{prefix}/jwks.json",
            "response_types_supported": [],  # required, and there is no authorization endpoint
            "grant_types_supported": [],
            "revocation_endpoint": f"{issuer}{prefix}/revoke",
            "revocation_endpoint_auth_methods_supported": ["none"],
            "introspection_endpoint": f"{issuer}{prefix}/introspect",
            "introspection_endpoint_auth_methods_supported": ["client_secret_basic"],
        }
