"""A session without any web framework: what an adapter does for you, by hand."""

import asyncio

from coatcheck import Identity, SessionManager
from coatcheck.stores import open_store


async def main() -> str:
    store = open_store("memory://")
    async with SessionManager(store) as sessions:
        # The first request brings no cookie; its handler signs a user in.
        session = await sessions.open(None)
        await sessions.begin(session, Identity(user_id="u1", name="Ada"))
        session["cart"] = ["hat"]
        cookie = await sessions.close(session)

        # The second request brings the cookie that the first response set.
        session = await sessions.open(cookie.text)
        said = f"{session.identity.name} has {session['cart']}"
        await sessions.close(session)
    await store.close()
    return said


if __name__ == "__main__":
    print(asyncio.run(main()))
