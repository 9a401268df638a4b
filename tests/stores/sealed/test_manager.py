"""What an application notices of sealed data: nothing, until a row was changed behind its back."""

from dataclasses import dataclass, field

import pytest

from coatcheck import Identity, SessionManager
from coatcheck.core import codec
from coatcheck.core.change import Change, DataChange
from coatcheck.stores import MemoryStore
from coatcheck.stores.sealed import SealedStore
from coatcheck.testing import RecordingObserver
from tests.stores.sealed.support import OLD

ADA = Identity(user_id="u-ada", email="ada@example.test")


@dataclass
class Shopping:
    items: list[str] = field(default_factory=list)
    visits: int = 0


@pytest.fixture
async def behind():
    return MemoryStore()


@pytest.fixture
async def seen():
    return RecordingObserver()


@pytest.fixture
async def manager(behind, seen):
    sealed = SealedStore(behind, OLD)
    made = SessionManager(sealed, data_type=Shopping, observers=[seen])
    async with made:
        yield made


async def open_again(manager, session):
    return await manager.open(session.token.text, ip="192.0.2.1", user_agent="Firefox")


async def sign_in(manager):
    session = await manager.open(None, ip="192.0.2.1", user_agent="Firefox")
    await manager.begin(session, ADA)
    session.data.items.append("before")
    session.increment("visits")
    cookie = await manager.close(session)
    return await manager.open(cookie.text, ip="192.0.2.1", user_agent="Firefox")


async def test_typed_data_nested_changes_and_counters_are_kept(manager, behind):
    session = await sign_in(manager)
    assert session.data == Shopping(["before"], 1)
    session.data.items.append("scarf")
    session.increment("visits", 2)
    await manager.close(session)
    again = await open_again(manager, session)
    assert again.data == Shopping(["before", "scarf"], 3)
    assert b"scarf" not in (await behind.load(session.id)).data


async def test_what_was_changed_behind_its_back_is_no_session_and_is_told(manager, behind, seen):
    session = await sign_in(manager)
    other = await sign_in(manager)
    stolen = (await behind.load(other.id)).data
    await behind.save(session.id, Change(data=DataChange(sets={"visits": codec.split(stolen)["items"]})))
    again = await open_again(manager, session)
    assert again.identity is None
    assert "record.corrupt" in [event.name for event in seen.events]
    assert (await open_again(manager, other)).user_id == "u-ada"
