"""A shop with a typed cart that a visitor keeps at sign-in, and a list of one's own sessions."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Security

from coatcheck import Identity, Session, SessionManager
from coatcheck.adapters.fastapi import Policies, install, require_user, session_cookie
from coatcheck.login import SqliteAccounts
from coatcheck.stores import open_store
from coatcheck.web import RouteRules, public


@dataclass
class Shopping:
    cart: list[str] = field(default_factory=list)
    currency: str = "EUR"


ShopSession = Annotated[Session[Shopping], Security(session_cookie)]

store = open_store("sqlite:///shop.db")
sessions = SessionManager(store, data_type=Shopping, carry_over=frozenset({"cart"}))
accounts = SqliteAccounts("shop.db")  # the same file will do


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    yield
    await accounts.close()
    await store.close()


app = FastAPI(lifespan=lifespan)
rules = RouteRules([public("/cart")])
install(app, sessions, rules=rules, policies=Policies.development(), accounts=accounts)


@app.post("/cart/{thing}")
async def add(session: ShopSession, thing: str) -> Shopping:
    session.data.cart.append(thing)
    return session.data


@app.get("/cart")
async def show(session: ShopSession) -> Shopping:
    return session.data


@app.get("/devices")
async def devices(user: Annotated[Identity, Depends(require_user)]) -> list[dict[str, Any]]:
    return [
        {"id": record.id, "device": record.device.label, "last_seen_at": record.last_seen_at}
        for record in await sessions.list(user.user_id)
    ]
