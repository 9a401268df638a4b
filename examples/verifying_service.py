"""A service that lets in whoever the shop signed in. It has no session and no database."""

from typing import Annotated

from fastapi import FastAPI, Security

from coatcheck.adapters.bearer import Bearer
from coatcheck.tokens import AccessToken, Verifier

app = FastAPI()
caller = Bearer(Verifier("https://shop.example", "billing"))


@app.get("/invoices")
async def invoices(token: Annotated[AccessToken, Security(caller)]) -> dict[str, str]:
    return {"of": token.sub}
