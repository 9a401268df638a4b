"""Session data with a type: the checker knows it, and so does the program."""

import asyncio
from dataclasses import dataclass, field

from coatcheck import SessionManager
from coatcheck.stores import open_store


@dataclass
class Shopping:
    cart: list[str] = field(default_factory=list)
    currency: str = "EUR"


async def main() -> list[str]:
    sessions = SessionManager(open_store("memory://"), data_type=Shopping)
    async with sessions:
        session = await sessions.open(None)
        session.data.cart.append("hat")
        cookie = await sessions.close(session)

        session = await sessions.open(cookie.text)
        return session.data.cart


if __name__ == "__main__":
    print(asyncio.run(main()))
