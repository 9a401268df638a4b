"""The manager as a whole: typed data, clocks, observers, sweeping."""

import dataclasses
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from coatcheck import ConfigurationError, Event, SessionManager
from coatcheck.core.events import ClockSkewed, PasswordChanged, UserDisabled
from coatcheck.stores.memory import MemoryStore
from coatcheck.testing import ManualClock, RecordingObserver, SeededEntropy
from tests.manager.conftest import ADA, Bench


@dataclasses.dataclass
class Cart:
    items: list[str] = dataclasses.field(default_factory=list)
    coupon: str | None = None


async def test_typed_data_is_one_key_per_field() -> None:
    bench = Bench(data_type=Cart)
    await bench.sign_in()
    one, other = await bench.open(), await bench.open()
    one.data.items.append("hat")
    other.data.coupon = "TEN"
    await bench.close(one)
    await bench.close(other)
    assert (await bench.open()).data == Cart(items=["hat"], coupon="TEN")


class Offset(MemoryStore):
    """An engine on another machine."""

    def __init__(self, clock: ManualClock, offset: float) -> None:
        super().__init__()
        self.clock, self.offset = clock, offset

    async def engine_now(self) -> float:
        return self.clock.now() + self.offset


async def test_the_engines_clock_is_the_clock() -> None:
    clock, seen = ManualClock(), RecordingObserver()
    manager = SessionManager(Offset(clock, 30), clock=clock, observers=[seen], entropy=SeededEntropy(1))
    async with manager:
        assert manager.now() == clock.now() + 30
        assert [event.offset for event in seen.of(ClockSkewed)] == [30]
        assert await manager.sweep() == 0


async def test_a_sweeper_with_a_wrong_clock_refuses() -> None:
    clock = ManualClock()
    manager = SessionManager(Offset(clock, -61), clock=clock)
    with pytest.raises(ConfigurationError, match="NTP"):
        await manager.sweep()


async def test_sweeping_takes_what_is_past_its_retention(bench: Bench) -> None:
    session = await bench.sign_in()
    await bench.manager.revoke(session.id or "")
    assert await bench.manager.sweep() == 0
    bench.clock.advance(7 * 24 * 3600 + 1)
    assert await bench.manager.sweep() == 1


async def test_a_failing_observer_harms_nobody(caplog: pytest.LogCaptureFixture) -> None:
    class Broken:
        def observe(self, event: Event) -> None:
            raise RuntimeError(event.name)

    seen = RecordingObserver()
    manager = SessionManager(MemoryStore(), observers=[Broken(), seen])
    session = await manager.open(None)
    await manager.begin(session, ADA)
    assert seen.names() == ["session.created"]
    assert "Broken" in caplog.text


async def test_events_never_hold_a_token(bench: Bench) -> None:
    await bench.sign_in()
    assert bench.jar
    for event in bench.seen.events:
        assert bench.jar not in repr(event)
        assert event.device is not None
        assert event.device.ip == "192.0.2.1"


async def test_the_parts_can_be_asked_for(bench: Bench) -> None:
    assert bench.manager.store is bench.store
    assert bench.manager.lifetimes.idle == 1800
    assert len(bench.manager.entropy.token_bytes(4)) == 4
    await bench.sign_in()
    assert "CookieChange set" in repr(await bench.manager.close(await bench.sign_in()))


async def test_what_is_told_of_a_session_says_where_it_happened(bench: Bench) -> None:
    session = await bench.sign_in()
    bench.manager.tell(PasswordChanged, session)
    bench.manager.tell(PasswordChanged, session, user_id="u-eve")
    bench.manager.tell(PasswordChanged, None, user_id="u-ada")
    own, named, operators = bench.seen.of(PasswordChanged)
    assert (own.session_id, own.user_id, own.at) == (session.id, "u-ada", bench.clock.now())
    assert own.device.ip == "192.0.2.1"
    assert named == dataclasses.replace(own, user_id="u-eve")
    assert operators == PasswordChanged(at=bench.clock.now(), user_id="u-ada")


async def test_an_observer_with_a_life_of_its_own_is_there_from_the_first_event_to_the_last() -> None:
    class Diary(RecordingObserver):
        def __init__(self) -> None:
            super().__init__()
            self.pages: list[str] = []

        @asynccontextmanager
        async def attend(self, manager: SessionManager[Any]) -> AsyncIterator[None]:
            self.pages.append(f"opened with {len(self.events)} events over {type(manager.store).__name__}")
            yield
            self.pages.append(f"closed with {len(self.events)}")

    diary = Diary()
    async with SessionManager(MemoryStore(), observers=[diary]) as manager:
        await manager.begin(manager.visitor(), ADA)
    assert diary.pages == ["opened with 0 events over MemoryStore", "closed with 1"]


async def test_who_is_added_stands_first_and_hears_what_the_others_do_at_the_end() -> None:
    class Leaving:
        def observe(self, event: Event) -> None: ...

        @asynccontextmanager
        async def attend(self, manager: SessionManager[Any]) -> AsyncIterator[None]:
            yield
            manager.emit(UserDisabled(at=1.0, user_id="u-ada"))

    class Added(RecordingObserver):
        @asynccontextmanager
        async def attend(self, manager: SessionManager[Any]) -> AsyncIterator[None]:
            yield
            self.left_with = len(self.events)

    manager, added = SessionManager(MemoryStore(), observers=[Leaving()]), Added()
    manager.add_observer(added)
    async with manager:
        pass
    assert added.left_with == 1


async def test_an_event_of_what_an_operator_did_names_them(bench: Bench) -> None:
    await bench.sign_in()
    [record] = await bench.manager.list("u-ada")
    await bench.manager.update_user(ADA, by="u-grace")
    await bench.manager.revoke(record.id, by="u-grace")
    await bench.manager.revoke_user("u-ada", by="cli")
    assert [(event.name, event.actor) for event in bench.seen.events[-3:]] == [
        ("user.updated", "u-grace"),
        ("session.ended", "u-grace"),
        ("user.revoked", "cli"),
    ]
