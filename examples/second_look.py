"""An unusual sign-in gets a second look, by mail. Run it: uvicorn --app-dir examples second_look:app"""

import secrets
from typing import Annotated

from fastapi import Body, Depends, FastAPI, HTTPException

from coatcheck.adapters.fastapi import CurrentSession, Policies, install
from coatcheck.watch.risk import Risk
from coatcheck.web import RouteRules, public

UNUSUAL = 0.5  # three times likelier an attacker's than the user's

app = FastAPI()
rules = RouteRules([public("/sign-in", exact=True)])
installed = install(app, "sqlite:///app.db", rules=rules, policies=Policies.development())
risk = Risk(installed.manager.store)


@app.post("/sign-in")
async def sign_in(
    session: CurrentSession, email: Annotated[str, Body()], password: Annotated[str, Body()]
) -> dict[str, bool]:
    outcome = await installed.login.login(session, email, password, ip=session.client.ip)
    if not outcome.ok:
        raise HTTPException(401, outcome.sentence)
    found = await risk.score(outcome.user_id, session.client)
    if found.known and found.value > UNUSUAL:
        session["code"] = f"{secrets.randbelow(1_000_000):06}"
        print(f"Mail: somebody signed in ({found.parts[0][0]} is new). The code is {session['code']}.")
    else:
        await let_in(session)
    return {"confirmed": "confirmed" in session}


@app.post("/confirm")
async def confirm(session: CurrentSession, code: Annotated[str, Body(embed=True)]) -> dict[str, bool]:
    expected = session.pop("code", None)
    if expected is None or not secrets.compare_digest(expected.encode(), code.encode()):
        await installed.manager.end(session)  # one try, or it could be guessed
        raise HTTPException(401, "This is not the code. Please sign in again.")
    await let_in(session)
    return {"confirmed": True}


async def let_in(session: CurrentSession) -> None:
    session["confirmed"] = True
    await risk.learn(session.user_id, session.client, installed.manager.now())


def confirmed(session: CurrentSession) -> None:
    if "confirmed" not in session:  # a sign-in by /auth/login has had no second look
        raise HTTPException(403, "Please sign in again, and enter the code if we sent you one.")


@app.get("/account", dependencies=[Depends(confirmed)])
async def account(session: CurrentSession) -> dict[str, str]:
    return {"name": session.identity.name}
