"""The command line, called as a shell would call it, in a folder of its own."""

import asyncio
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from coatcheck import Identity, SessionManager
from coatcheck.cli import main
from coatcheck.core.clock import SystemClock
from coatcheck.core.record import Record
from coatcheck.stores import open_store
from coatcheck.testing import ManualClock

DATABASE = "sqlite:///coatcheck.db"
FIREFOX = "Mozilla/5.0 (X11; Linux) Firefox/140"


@dataclass(frozen=True)
class Answer:
    status: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """What --json printed, and nothing else."""
        assert self.status == 0, self.err
        assert self.out.count("\n") == 1
        return json.loads(self.out)

    @property
    def complaint(self) -> str:
        """The one line that tells of a fault."""
        assert self.out == ""
        assert self.err.startswith("coatcheck: ")
        assert self.err.count("\n") == 1
        return self.err.strip()


Call = Callable[..., Answer]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for variable in ("COATCHECK_DATABASE", "COATCHECK_ACCOUNTS"):
        monkeypatch.delenv(variable, raising=False)
    return tmp_path


@pytest.fixture
def coatcheck() -> Call:
    def call(*arguments: str, stdin: str = "") -> Answer:
        with CliRunner().isolation(input=stdin) as streams:
            status = main(arguments)
            sys.stdout.flush()
            sys.stderr.flush()
            return Answer(status, streams[0].getvalue().decode(), streams[1].getvalue().decode())

    return call


@pytest.fixture
def sign_in() -> Callable[..., Record]:
    """Begin sessions in the database, as an application would; `ago` in seconds."""

    def begin(user_id: str = "u-ada", *, ago: float = 0.0, agent: str = FIREFOX, **data: Any) -> Record:
        async def work() -> Record:
            store = open_store(DATABASE)
            clock = ManualClock(SystemClock().now() - ago)
            manager: SessionManager[Any] = SessionManager(store, clock=clock)
            session = await manager.open(None, ip="192.0.2.1", user_agent=agent)
            identity = Identity(user_id=user_id, email="ada@example.test", roles=frozenset({"user"}))
            await manager.begin(session, identity)
            session.update(data)
            await manager.close(session)
            await store.close()
            return session.record

        return asyncio.run(work())

    return begin


def keep(record: Record) -> None:
    """Store a record past the command line."""

    async def work() -> None:
        store = open_store(DATABASE)
        await store.create(record)
        await store.close()

    asyncio.run(work())


def load(id: str) -> Any:
    """Read a session past the command line."""

    async def work() -> Any:
        store = open_store(DATABASE)
        found = await store.load(id)
        await store.close()
        return found

    return asyncio.run(work())
