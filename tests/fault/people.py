"""People at their browsers while things break, and what must never happen to them."""

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Self

import httpx

from tests import leaks

PATIENCE = 40.0  # seconds until everybody must have been served again
PAUSE = 0.05  # seconds between two clicks


@dataclass
class Person:
    """Somebody who is signed in and counts up; honest, and with one browser.

    Attributes:
        tried: Clicks.
        counted: Clicks that were answered with 200: these must never be lost.
        served_at: When the last of them was.
    """

    base: str
    name: str
    seen: Counter[str] = field(default_factory=Counter)
    tried: int = 0
    counted: int = 0
    served_at: float = 0.0

    def __post_init__(self) -> None:
        self.http = httpx.AsyncClient(base_url=self.base, headers={"origin": self.base}, timeout=30)

    async def sign_in(self) -> httpx.Response:
        return await self._ask("POST", "/sign-in", json={"user": self.name})

    async def click(self) -> None:
        self.tried += 1
        answer = await self._ask("POST", "/count")
        if answer.status_code == 200:
            self.counted += 1
            self.served_at = time.monotonic()

    async def look(self) -> int:
        deadline = time.monotonic() + PATIENCE
        while (answer := await self._ask("GET", "/show")).status_code == 503:
            assert time.monotonic() < deadline, answer.text
            await asyncio.sleep(PAUSE)
        return answer.json()["n"]

    async def pass_by(self) -> None:
        """A public page is served, whatever the store does, cookie or not."""
        assert (await self._ask("GET", "/public")).status_code == 200

    async def _ask(self, method: str, path: str, **how) -> httpx.Response:
        held = dict(self.http.cookies)
        try:
            answer = await self.http.request(method, path, **how)
        except httpx.RemoteProtocolError:  # a worker closed an idle connection as it was used
            answer = await self.http.request(method, path, **how)
        self.seen[f"{answer.status_code}"] += 1
        leaks.ISSUED.update(token.encode() for token in dict(self.http.cookies).values())
        assert answer.status_code in (200, 503), f"{path}: {answer.status_code} {answer.text}"
        assert dict(self.http.cookies).keys() >= held.keys(), "a cookie was deleted"
        if answer.status_code == 503:
            assert answer.headers["retry-after"] == "2"
            assert answer.json()["code"] == "store_unavailable"
            assert "set-cookie" not in answer.headers
        return answer


class Crowd:
    """Some people who click all the time, each on their own, and somebody who passes by.

    Attributes:
        may_lose: The store may lose what it acknowledged; how much is for the test to say.
        recoveries: Seconds until everybody was served again, by what had been wrong; printed at the end.
    """

    def __init__(self, where: str, base: str, number: int = 6) -> None:
        self.where = where
        self.may_lose = False
        self.people = [Person(base, f"u-{n}") for n in range(number)]
        self.passer_by = Person(base, "nobody")
        self.recoveries: dict[str, float] = {}
        self._stopped = False

    async def __aenter__(self) -> Self:
        for person in self.people:
            assert (await person.sign_in()).status_code == 200
            await person.click()
        self._begin()
        return self

    async def __aexit__(self, kind, error, trace) -> None:
        self._stopped = True
        outcomes = await asyncio.gather(*self._tasks, return_exceptions=True)
        if error is None:
            for outcome in outcomes:
                if isinstance(outcome, BaseException):
                    raise outcome
            for person in self.people:
                stored = await person.look()
                assert stored <= person.tried
                assert stored >= person.counted or self.may_lose, "an answered write was lost"
        for person in (*self.people, self.passer_by):
            await person.http.aclose()

    async def fill(self, number: int) -> None:
        """Let others sign in as well, who do nothing more."""
        async with httpx.AsyncClient(base_url=self.people[0].base, timeout=30) as http:
            answers = await asyncio.gather(
                *(http.post("/sign-in", json={"user": f"other-{n // 5}"}) for n in range(number))
            )
        assert {answer.status_code for answer in answers} == {200}

    async def pause(self) -> None:
        """Let everybody finish their click."""
        self._stopped = True
        await asyncio.gather(*self._tasks)

    def go_on_at(self, base: str) -> None:
        """Let them go on where the service is now: to them it is the same address."""
        for person in (*self.people, self.passer_by):
            person.http.base_url, person.http.headers["origin"] = base, base
        self._begin()

    def _begin(self) -> None:
        self._stopped = False
        self._tasks = [asyncio.create_task(self._click(person)) for person in self.people]
        self._tasks.append(asyncio.create_task(self._pass_by()))

    async def carry_on(self, seconds: float) -> None:
        """Let them click for a while."""
        await asyncio.sleep(seconds)
        self._raise_what_failed()

    async def recovered(self, what: str) -> float:
        """Wait until everybody was served again; return how many seconds it took, and note it."""
        healed = time.monotonic()
        while not all(person.served_at > healed for person in self.people):
            assert time.monotonic() - healed < PATIENCE, f"{what}: not everybody is served again"
            await asyncio.sleep(PAUSE)
            self._raise_what_failed()
        self.recoveries[what] = max(person.served_at for person in self.people) - healed
        print(f"{self.where}: served again {self.recoveries[what]:.2f} s after {what}")  # noqa: T201 - a figure for the docs
        return self.recoveries[what]

    def seen(self, status: int) -> int:
        return sum(person.seen[str(status)] for person in self.people)

    def _raise_what_failed(self) -> None:
        for task in self._tasks:
            if task.done():
                task.result()

    async def _click(self, person: Person) -> None:
        while not self._stopped:
            await person.click()
            await person.pass_by()
            await asyncio.sleep(PAUSE)

    async def _pass_by(self) -> None:
        while not self._stopped:
            await self.passer_by.pass_by()
            await asyncio.sleep(PAUSE)
