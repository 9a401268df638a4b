"""Coatcheck for a FastAPI service that only verifies access tokens: no session, no database.

caller = Bearer(Verifier("https://shop.example", "billing"))

@app.get("/invoices")
async def invoices(token: Annotated[AccessToken, Security(caller)]): ...
"""

from fastapi import HTTPException, Request
from fastapi.openapi.models import HTTPBearer as Documented
from fastapi.security.base import SecurityBase
from starlette.status import HTTP_401_UNAUTHORIZED, HTTP_403_FORBIDDEN, HTTP_503_SERVICE_UNAVAILABLE

from coatcheck.core.errors import StoreUnavailable
from coatcheck.tokens import AccessToken, Invalid, IssuerUnavailable, Verifier

__all__ = ["Bearer"]

RETRY_AFTER = {"retry-after": "2"}  # seconds


class Bearer(SecurityBase):
    """A dependency that lets in bearers of a good access token, and gives its `AccessToken`.

    Args:
        verifier: Judges tokens.
        roles: One of these the user must hold; none is asked for if left out.
    """

    def __init__(self, verifier: Verifier, *, roles: frozenset[str] = frozenset()) -> None:
        self.model = Documented(bearerFormat="JWT", description="An access token of the issuer.")
        self.scheme_name = "bearer"
        self._verifier = verifier
        self._roles = roles

    async def __call__(self, request: Request) -> AccessToken:
        """Return the caller's token; the answer to any other is 401, 403 or 503 (RFC 6750 3)."""
        scheme, _, text = request.headers.get("authorization", "").partition(" ")
        if len(request.headers.getlist("authorization")) != 1 or scheme.lower() != "bearer":
            raise _refusal(HTTP_401_UNAUTHORIZED, "missing_token", "Bearer")
        try:
            token = await self._verifier.verify(text)
        except (IssuerUnavailable, StoreUnavailable) as fault:
            raise HTTPException(HTTP_503_SERVICE_UNAVAILABLE, fault.code, RETRY_AFTER) from fault
        if isinstance(token, Invalid):
            raise _refusal(HTTP_401_UNAUTHORIZED, "invalid_token", 'Bearer error="invalid_token"')
        if self._roles and not token.has_any_role(self._roles):
            raise _refusal(HTTP_403_FORBIDDEN, "role_required", 'Bearer error="insufficient_scope"')
        return token


def _refusal(status: int, code: str, challenge: str) -> HTTPException:
    return HTTPException(status, code, {"www-authenticate": challenge, "cache-control": "no-store"})
