"""A move against old workers, new workers and other moves, in every order of their store calls.

An old worker knows the source alone; a new one has the target in front of it. Whatever the order: no
session is lost, none revives, nothing that was answered as done is undone, and nobody is accused.
"""

from collections.abc import Callable, Coroutine, Iterator
from functools import partial
from itertools import count
from typing import Any

import msgspec
import pytest

from coatcheck import Cap, Identity, SessionManager
from coatcheck.core.errors import StoreUnavailable
from coatcheck.core.record import Record, Tombstone
from coatcheck.core.store import NEVER
from coatcheck.manager.rows import Step, TypedRows
from coatcheck.stores import MemoryStore
from coatcheck.stores.moving import MovingStore, Walk
from coatcheck.stores.moving.steps import BEGUN, move_row, move_session, move_user
from coatcheck.testing import ManualClock, RecordingObserver, SeededEntropy
from coatcheck.testing.wrapped import WrappedStore
from tests.stores.moving.interleaving import REFUSED, SteppingStore, run, schedules

ADA = Identity(user_id="u-ada", name="Ada", roles=frozenset({"admin"}))
# More of them find nothing more in hours, and take their time.
interrupted = pytest.mark.parametrize("interruptions", [2, pytest.param(3, marks=pytest.mark.long)])
DEMOTED = msgspec.structs.replace(ADA, roles=frozenset())


class House:
    """Two stores, and whoever works with them."""

    def __init__(self, *, begun: bool = True, cap: int = 10) -> None:
        self.old, self.new = MemoryStore(), MemoryStore()
        self.source, self.target = SteppingStore(self.old), SteppingStore(self.new)
        self.clock, self.seen, self.cap = ManualClock(), RecordingObserver(), Cap(cap)
        self.account = ADA
        self._seeds = count()
        if begun:
            run(self.old.put_row(BEGUN, b"1", expected=0, expires_at=NEVER))

    def old_worker(self) -> SessionManager:
        return self._manage(self.source)

    def new_worker(self) -> SessionManager:
        return self._manage(MovingStore(self.target, self.source))

    def _manage(self, store) -> SessionManager:
        seed = next(self._seeds)
        return SessionManager(
            store, clock=self.clock, entropy=SeededEntropy(seed), observers=[self.seen], cap=self.cap
        )

    async def refresh(self, user_id: str) -> Identity:
        return self.account

    async def sign_in(self, worker: SessionManager) -> tuple[str, str]:
        """Return the session's id and the token in the jar."""
        session = worker.visitor()
        await worker.begin(session, self.account, refresh=self.refresh)
        change = await worker.close(session)
        return session.id, change.text

    def signed_in(self) -> tuple[str, str]:
        """A session of the source, from before."""
        return run(self.sign_in(self.old_worker()))

    async def put(self, worker: SessionManager, jar: str, key: str) -> bool:
        """One request that stores something; tell whether the person is signed in."""
        session = await worker.open(jar)
        if session.identity is None:
            return False
        session[key] = True
        await worker.close(session)
        return True

    async def sign_out(self, worker: SessionManager, jar: str) -> str:
        session = await worker.open(jar)
        await worker.end(session)
        return "signed out"

    async def demote(self, worker: SessionManager) -> str:
        self.account = DEMOTED
        await worker.update_user(DEMOTED)
        return "demoted"

    async def revoke(self, worker: SessionManager) -> str:
        self.account = DEMOTED
        await worker.revoke_user("u-ada")
        return "revoked"

    def move(self, id: str) -> Coroutine[Any, Any, bool]:
        return move_session(self.source, self.target, id)

    def move_ada(self) -> Coroutine[Any, Any, int]:
        return move_user(self.source, self.target, "u-ada")

    def finish(self) -> dict[str, Record | Tombstone]:
        """Complete the move; return what the target alone holds then."""
        run(move_user(self.old, self.new, "u-ada"))
        for row in run(self.old.scan("", 100)):
            run(move_session(self.old, self.new, row.id))
        return {row.id: row for row in run(self.new.scan("", 100))}


def explore(
    make: Callable[[], House],
    work: Callable[[House], list[Coroutine[Any, Any, Any]]],
    interruptions: int,
) -> Iterator[tuple[House, list[Any]]]:
    """Yield the house and the results of each order."""
    houses: list[House] = []

    def begin() -> list[Coroutine[Any, Any, Any]]:
        houses.append(make())
        return work(houses[-1])

    for results in schedules(begin, interruptions):
        yield houses.pop(), results


def keys(row: Record | Tombstone) -> set[str]:
    assert isinstance(row, Record), "the session is lost"
    return set(msgspec.json.decode(row.data))


def house_with_ada(**how: Any) -> Callable[[], House]:
    def make() -> House:
        house = House(**how)
        house.id, house.jar = house.signed_in()
        return house

    return make


@interrupted
def test_an_old_and_a_new_worker_write_while_a_session_moves(interruptions):
    refused = 0
    orders = explore(
        house_with_ada(),
        lambda house: [
            house.move(house.id),
            house.put(house.old_worker(), house.jar, "old"),
            house.put(house.new_worker(), house.jar, "new"),
        ],
        interruptions,
    )
    for house, (_, old, new) in orders:
        assert old in (True, REFUSED)
        assert new is True, "a worker that knows both stores never refuses"
        written = {key for key, done in (("old", old), ("new", new)) if done is True}
        assert written <= keys(house.finish()[house.id]) <= {"old", "new"}
        refused += old is REFUSED
    assert refused, "the race was run"


@interrupted
def test_two_walks_move_the_same_session_while_it_is_written_to(interruptions):
    orders = explore(
        house_with_ada(),
        lambda house: [
            house.move(house.id),
            house.move(house.id),
            house.put(house.new_worker(), house.jar, "new"),
        ],
        interruptions,
    )
    for house, (first, second, new) in orders:
        assert first + second == 1
        assert new is True
        assert keys(house.finish()[house.id]) == {"new"}


@pytest.mark.parametrize("by", ["old", "new"])
@interrupted
def test_a_sign_out_that_was_answered_is_final(by, interruptions):
    orders = explore(
        house_with_ada(),
        lambda house: [
            house.move(house.id),
            house.sign_out(house.old_worker() if by == "old" else house.new_worker(), house.jar),
            house.put(house.new_worker(), house.jar, "late"),
        ],
        interruptions,
    )
    for house, (_, out, _) in orders:
        assert out == "signed out" or (by == "old" and out is REFUSED)
        row = house.finish()[house.id]
        assert isinstance(row, Tombstone) is (out == "signed out")
        if out == "signed out":
            assert row.reason == "logged_out"
            assert row.family_digest, "its holder can be told why"
            assert run(house.put(house.new_worker(), house.jar, "later")) is False


@pytest.mark.parametrize("begun", [True, False])
@pytest.mark.parametrize("by", ["old", "new"])
@interrupted
def test_no_session_with_the_old_facts_outlives_a_revocation(by, begun, interruptions):
    orders = explore(
        house_with_ada(begun=begun),
        lambda house: [
            house.move_ada(),
            house.revoke(house.old_worker() if by == "old" else house.new_worker()),
            house.sign_in(house.new_worker()),
        ],
        interruptions,
    )
    for house, (_, revoked, _) in orders:
        rows = house.finish().values()
        live = [row for row in rows if isinstance(row, Record)]
        if revoked == "revoked":
            assert all(row.identity.roles == frozenset() for row in live)
            assert house.id not in {row.id for row in live}
        else:
            assert by == "old"


@interrupted
def test_a_demotion_reaches_every_session_in_either_store(interruptions):
    orders = explore(
        house_with_ada(),
        lambda house: [house.move_ada(), house.demote(house.new_worker()), house.move(house.id)],
        interruptions,
    )
    for house, (_, demoted, _) in orders:
        assert demoted == "demoted"
        assert house.finish()[house.id].identity.roles == frozenset()


@interrupted
def test_the_cap_counts_both_stores(interruptions):
    orders = explore(
        house_with_ada(cap=1),
        lambda house: [
            house.move_ada(),
            house.sign_in(house.new_worker()),
            house.sign_in(house.new_worker()),
        ],
        interruptions,
    )
    for house, (_, one, other) in orders:
        live = [id for id, row in house.finish().items() if isinstance(row, Record)]
        assert len(live) == 1
        assert live[0] in (one[0], other[0])


def test_whatever_kills_a_move_the_next_one_finishes_it():
    steps = 0
    finished = False
    while not finished:
        house = house_with_ada()()
        work = house.move_ada()
        finished = True
        for _ in range(steps + 1):
            try:
                work.send(None)
            except StopIteration:
                break
        else:
            finished = False
        work.close()
        assert run(house.put(house.new_worker(), house.jar, "meanwhile")) is True
        assert keys(house.finish()[house.id]) == {"meanwhile"}
        steps += 1
    assert steps > 5


class _Hiccup(WrappedStore):
    """At one step a store fails, before the verb or after it; before another an old worker acts."""

    def __init__(self, inner: MemoryStore, story: "_Story") -> None:
        super().__init__(inner)
        self._story = story
        for verb in (
            "load",
            "user",
            "scan",
            "row",
            "put_row",
            "adopt",
            "hand_over",
            "set_version",
            "scan_rows",
        ):
            vars(self)[verb] = self._telling(getattr(inner, verb))

    def before(self, verb: str) -> None:
        pass

    def _telling(self, call: Callable[..., Any]) -> Callable[..., Any]:
        async def told(*args: Any, **kwargs: Any) -> Any:
            return await self._story.step(call, *args, **kwargs)

        return told


class _Story:
    """Counts the steps of a walk; `act` comes before step `acts_at`, and step `fails_at` fails."""

    def __init__(self, act: Callable[[], Any], acts_at: int, fails_at: int, *, answer_lost: bool) -> None:
        self.act, self.acts_at, self.fails_at, self.answer_lost = act, acts_at, fails_at, answer_lost
        self.steps, self.outcome = 0, None

    async def step(self, call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        number, self.steps = self.steps, self.steps + 1
        if number == self.acts_at:
            try:
                self.outcome = await self.act()
            except StoreUnavailable:
                self.outcome = REFUSED
        if number == self.fails_at and not self.answer_lost:
            raise StoreUnavailable("a hiccup")
        result = await call(*args, **kwargs)
        if number == self.fails_at:
            raise StoreUnavailable("a hiccup, after it was done")
        return result


async def _walk_through(story: _Story, house: House) -> bool:
    """Walk, and walk again if a hiccup stopped it; tell whether the last says that everything arrived."""
    walk = Walk(MovingStore(_Hiccup(house.new, story), _Hiccup(house.old, story)))
    try:
        async for _ in walk.run():
            pass
    except StoreUnavailable:
        return await _walk_through(story, house)
    return walk.tally.is_whole


@pytest.mark.parametrize("answer_lost", [False, True])
async def test_whichever_step_fails_a_walk_calls_nothing_whole_that_revives_what_ended(answer_lost):
    steps, told = 30, set()
    for fails_at in range(steps):
        for acts_at in range(steps):
            house = House()
            id, jar = await house.sign_in(SessionManager(house.old, clock=house.clock))
            worker = SessionManager(house.old, clock=house.clock)
            act = partial(house.sign_out, worker, jar)
            story = _Story(act, acts_at, fails_at, answer_lost=answer_lost)
            whole = await _walk_through(story, house)
            if whole and story.outcome == "signed out":
                assert isinstance(await house.new.load(id), Tombstone), (fails_at, acts_at)
            told.add((whole, story.outcome))
    assert {(True, "signed out"), (True, REFUSED), (False, None)} <= told, "all of it was met"


@interrupted
def test_small_rows_count_every_attempt_that_was_answered(interruptions):
    def one_more(value: int) -> Step[int, str]:
        return Step("counted", value + 1, 10.0)

    async def count_up(store) -> str:
        return await TypedRows(store, "test:", int, 0).change("k", one_more)

    def make() -> House:
        house = House()
        run(count_up(house.old))
        [house.key] = [row.key for row in run(house.old.scan_rows("", 9)) if row.key != BEGUN]
        return house

    orders = explore(
        make,
        lambda house: [
            move_row(house.source, house.target, house.key, 10.0),
            count_up(house.source),
            count_up(MovingStore(house.target, house.source)),
        ],
        interruptions,
    )
    for house, (_, old, new) in orders:
        assert new == "counted"
        run(move_row(house.old, house.new, house.key, 10.0))
        counted = run(TypedRows(house.new, "test:", int, 0).get("k"))
        assert counted == 2 + (old == "counted")


@interrupted
def test_nobody_is_accused_in_any_of_it(interruptions):
    for house, _ in explore(
        house_with_ada(),
        lambda house: [
            house.move_ada(),
            house.put(house.old_worker(), house.jar, "old"),
            house.put(house.new_worker(), house.jar, "new"),
        ],
        interruptions,
    ):
        assert {type(event).__name__ for event in house.seen.events} <= {"SessionCreated"}
