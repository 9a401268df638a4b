"""What an application notices of sealed data: nothing, until a row was changed behind its back."""

from dataclasses import dataclass, field

import pytest

from coatcheck import Identity, SessionManager
from coatcheck.core import codec
from coatcheck.core.change import Change, DataChange
from coatcheck.core.errors import KeyMissing
from coatcheck.manager.everyone import Everyone
from coatcheck.stores import MemoryStore
from coatcheck.stores.sealed import SealedStore
from coatcheck.testing import RecordingObserver
from tests.stores.sealed.support import OLD, STRANGER

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


async def test_a_session_whose_key_is_missing_is_listed_and_ended_like_any_other(behind, manager):
    strange = SessionManager(SealedStore(behind, STRANGER), data_type=Shopping)
    one, other, third = [await sign_in(strange) for _ in range(3)]
    mine = await sign_in(manager)
    there = await open_again(manager, one)
    assert there.user_id == "u-ada"
    with pytest.raises(KeyMissing):
        _ = there.data
    assert len(await manager.list("u-ada")) == 4
    assert await manager.revoke(one.id)
    assert await manager.revoke(other.id, user_id="u-ada")
    await manager.update_user(Identity(user_id="u-ada", name="Ada"))
    assert (await open_again(strange, third)).identity.name == "Ada"
    everyone = Everyone(began_before=manager.now() + 1, keep=mine.id)
    assert (await manager.revoke_some(everyone)).ended == 1
    assert [record.id for record in await manager.list("u-ada")] == [mine.id]
