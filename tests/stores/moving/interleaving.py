"""The orders in which the store calls of several coroutines can happen, one after the other.

All of them, but for one bound: a coroutine is interrupted by another at most so often. A race needs few
interruptions to show (Musuvathi and Qadeer, "Iterative context bounding", 2007), and their number stays
small enough to try every one.
"""

from collections.abc import Awaitable, Callable, Coroutine, Generator, Iterator
from typing import Any

from coatcheck.core.errors import StoreUnavailable
from coatcheck.testing.wrapped import WrappedStore

REFUSED = "refused"  # what a worker answers with 503, for the client to ask again


class _Pause:
    def __await__(self) -> Generator[None, None, None]:
        yield


class SteppingStore(WrappedStore):
    """Stops before each verb until the schedule goes on with it. Verbs of a `MemoryStore` are atomic."""

    def __init__(self, inner: Any) -> None:
        super().__init__(inner)
        verbs = ("create", "load", "save", "touch", "end", "delete", "user", "bump", "sweep", "scan")
        skills = ("row", "put_row", "delete_row", "adopt", "hand_over", "set_version", "scan_rows")
        vars(self).update({verb: self._stepping(verb) for verb in (*verbs, *skills)})

    def before(self, verb: str) -> None:
        pass

    def _stepping(self, verb: str) -> Callable[..., Awaitable[Any]]:
        passed = getattr(self.inner, verb)

        async def call(*args: Any, **kwargs: Any) -> Any:
            await _Pause()
            return await passed(*args, **kwargs)

        return call


def run(work: Coroutine[Any, Any, Any]) -> Any:
    """Run one coroutine to its end; what it raises as `StoreUnavailable` is a result."""
    outcome: list[Any] = []
    while not outcome:
        outcome = _step(work)
    return outcome[0]


def _step(work: Coroutine[Any, Any, Any]) -> list[Any]:
    """Go on to the next store call; return the result in a list, which is empty while there is none."""
    try:
        work.send(None)
    except StopIteration as end:
        return [end.value]
    except StoreUnavailable:
        return [REFUSED]
    return []


def schedules(begin: Callable[[], list[Coroutine[Any, Any, Any]]], interruptions: int) -> Iterator[list[Any]]:
    """Run what `begin` makes anew each time, in every order; yield the results of each run.

    Each run follows a prefix that was chosen before it, then takes the first that can go on, and notes
    where it had a choice. That is all there is to explore: nothing else here depends on chance.
    """
    prefix: list[int] = []
    while True:
        taken: list[tuple[int, int]] = []
        works = begin()
        results: dict[int, Any] = {}
        left, last = interruptions, None
        while len(results) < len(works):
            ready = [number for number in range(len(works)) if number not in results]
            if last in ready:
                ready.remove(last)
                ready = [last, *ready] if left else [last]
            choice = prefix[len(taken)] if len(taken) < len(prefix) else 0
            taken.append((choice, len(ready)))
            number = ready[choice]
            left -= last in ready and number != last
            last = number
            if outcome := _step(works[number]):
                results[number] = outcome[0]
        yield [results[number] for number in range(len(works))]
        while taken and taken[-1][0] + 1 == taken[-1][1]:
            taken.pop()
        if not taken:
            return
        prefix = [choice for choice, _ in taken[:-1]] + [taken[-1][0] + 1]
