"""For whatever watches the server: can it read its store?"""

from fastapi import APIRouter
from starlette.responses import JSONResponse

from coatcheck.core.errors import StoreUnavailable
from coatcheck.demo.cloakroom import CurrentCloakroom

NOBODY = "0" * 32

router = APIRouter()


@router.get("/healthz")
async def healthz(cloakroom: CurrentCloakroom) -> JSONResponse:
    """Answer 200 if a read reaches the store, else 503."""
    try:
        await cloakroom.manager.store.load(NOBODY)
    except StoreUnavailable as error:
        return JSONResponse({"status": "unavailable", "code": error.code}, 503)
    return JSONResponse({"status": "ok"})
