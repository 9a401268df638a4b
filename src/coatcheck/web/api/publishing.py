"""What anybody may know of the issuer of access tokens: its public keys, and where things are."""

import msgspec

from coatcheck.tokens import Issuer
from coatcheck.tokens.ring import KEY_SET_AGE
from coatcheck.web.answer import Answer
from coatcheck.web.api.call import Call

CACHING = (b"cache-control", b"public, max-age=%d" % KEY_SET_AGE)


class Publishing:
    """The endpoints; they look at nobody's session, so caches may keep their answers.

    Args:
        issuer: Whose keys they are.
    """

    def __init__(self, issuer: Issuer) -> None:
        self._issuer = issuer

    async def jwks(self, _call: Call) -> Answer:
        """Show the key set (RFC 7517 5)."""
        return _document(b"application/jwk-set+json", {"keys": await self._issuer.keys.public()})

    async def metadata(self, call: Call) -> Answer:
        """Show the authorization-server metadata (RFC 8414)."""
        return _document(b"application/json", self._issuer.metadata(call.policy.prefix))


def _document(kind: bytes, content: object) -> Answer:
    return Answer(200, ((b"content-type", kind), CACHING), msgspec.json.encode(content))
