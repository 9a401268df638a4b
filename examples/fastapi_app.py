"""A FastAPI application with sessions and sign-in. Run it: uvicorn --app-dir examples fastapi_app:app"""

from typing import Annotated

from fastapi import Depends, FastAPI

from coatcheck import Identity
from coatcheck.adapters.fastapi import CurrentSession, Policies, install, require_user
from coatcheck.web import RouteRules, public

app = FastAPI()
home_is_public = RouteRules([public("/", exact=True)])
install(app, "sqlite:///app.db", rules=home_is_public, policies=Policies.development())


@app.get("/")
async def home(session: CurrentSession) -> dict[str, int]:
    session.increment("visits")  # request.session works too
    return {"visits": session["visits"]}


@app.get("/me")
async def me(user: Annotated[Identity, Depends(require_user)]) -> dict[str, str]:
    return {"id": user.user_id, "name": user.name}
