"""What somebody means who types something into the search box."""

import pytest

from coatcheck.admin.finding import LIMIT, PATIENCE, find
from coatcheck.core.device import Device
from coatcheck.core.overview import NEWEST, Page, Place
from coatcheck.core.support import support_code
from coatcheck.stores import MemoryStore
from coatcheck.testing.contract import sample_record
from tests.admin.conftest import running


@pytest.fixture
async def crowd(house):
    """A house with a hundred sessions, two of which came from one address."""
    now = house.clock.now()
    for number in range(100):
        device = Device(ip="203.0.113.7" if number in (20, 90) else "198.51.100.1", label="Safari on iPhone")
        record = sample_record(
            number, f"user {number}", created_at=now - number, last_seen_at=now, device=device
        )
        await house.manager.store.create(record)
    return house


async def test_nothing_typed_lists_everything(crowd):
    found = await find(crowd.admin.desk, "")
    assert (len(found.sessions), found.text, found.named, found.people) == (LIMIT, "", [], [])
    assert not found.is_unfinished
    rest = await find(crowd.admin.desk, "", found.rest)
    assert len(rest.sessions) == 100 - LIMIT


async def test_an_address_finds_those_who_came_from_it(crowd):
    found = await find(crowd.admin.desk, "203.0.113.7")
    assert [record.id for record in found.sessions] == [sample_record(20).id, sample_record(90).id]
    assert found.rest is None


async def test_a_support_code_names_a_session_and_a_user_id_names_a_user(crowd):
    found = await find(crowd.admin.desk, support_code(sample_record(7).id))
    assert [row.id for row in found.named] == [sample_record(7).id]
    assert (await find(crowd.admin.desk, "user 7")).people == ["user 7"]
    further = await find(crowd.admin.desk, "user 7", Place(crowd.clock.now(), "0" * 32))
    assert (further.people, further.named) == ([], [])


async def test_a_search_that_takes_too_long_says_how_far_it_came():
    class Vast(MemoryStore):
        async def newest(self, sought, place=NEWEST, limit=50):
            clock.advance(PATIENCE / 2)
            return Page((), Place(1.0, "a" * 32))

    async with running(Vast()) as house:
        clock = house.clock
        found = await find(house.admin.desk, "rare", clock=clock)
        assert found.is_unfinished
        assert found.rest == Place(1.0, "a" * 32)
        jar = await house.browser()
        clock.advance(-PATIENCE)
        assert "Look further back" in (await jar.get("/admin/sessions?q=rare")).text
