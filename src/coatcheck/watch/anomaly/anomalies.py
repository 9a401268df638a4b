"""Anomalies: an observer that lets rules look at events, tells what they find, and acts on it."""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

from coatcheck.core.errors import StoreError
from coatcheck.core.events import AnomalyFound, Event, SinkFailed
from coatcheck.core.events.watching import Response
from coatcheck.core.store import Rows
from coatcheck.manager import SessionManager
from coatcheck.watch.anomaly.finding import Finding, Rule
from coatcheck.watch.anomaly.memory import Memory
from coatcheck.watch.anomaly.responding import check, respond
from coatcheck.watch.anomaly.rules import standard_rules
from coatcheck.watch.anomaly.sharing import Sharing, is_worth_sharing

_log = logging.getLogger("coatcheck")

PAUSE = 1.0  # seconds between two looks, at least: what came meanwhile is one exchange with the other workers
WAITING = 10_000  # events that wait to be looked at; more are lost, and that is told
TURN = 50  # events that are looked at before requests get their turn: a millisecond or two
WORKER_BYTES = 8


class Anomalies:
    """Looks at events after their requests were answered: no request waits for it.

    Put it into the observers after those that keep or count events: what it finds is told to all of them,
    and they must still be there when it finishes.

    Args:
        rules: The rules; by default `standard_rules()`.
        responses: What is done about the findings of a rule, by its name, where not what the rule says.
        shared: Rules that need it see the events of all workers, where the store has the skill `Rows`.

    Attributes:
        responses: What is done about the findings of each rule.

    Raises:
        ConfigurationError: A response names no rule, or is none.
    """

    def __init__(
        self,
        rules: Iterable[Rule] | None = None,
        *,
        responses: Mapping[str, Response] | None = None,
        shared: bool = True,
    ) -> None:
        self._rules = tuple(standard_rules() if rules is None else rules)
        self.responses = check(dict(responses or {}), self._rules)
        self._shares = shared
        self._kinds = tuple({kind for rule in self._rules for kind in rule.kinds})
        self._shared_kinds = tuple({kind for rule in self._rules if rule.shared for kind in rule.kinds})
        self._told: Memory[float] = Memory()
        self._waiting: deque[Event] = deque()
        self._lost = 0
        self._woken: asyncio.Event | None = None
        self._manager: SessionManager[Any] | None = None
        self._sharing: Sharing | None = None

    def observe(self, event: Event) -> None:
        """Put an event aside, to be looked at soon; nobody looks while no manager is in use.

        What an operator does in a user's name says nothing of that user.
        """
        if self._woken is None or event.actor is not None or not isinstance(event, self._kinds):
            return
        if len(self._waiting) >= WAITING:
            self._lost += 1
            return
        self._waiting.append(event)
        self._woken.set()

    @asynccontextmanager
    async def attend(self, manager: SessionManager[Any]) -> AsyncIterator[None]:
        """Look at events while the manager is in use."""
        self._manager = manager
        if self._shares and isinstance(manager.store, Rows):
            self._sharing = Sharing(manager.store, manager.entropy.token_bytes(WORKER_BYTES).hex())
        self._woken, over = asyncio.Event(), asyncio.Event()
        task = asyncio.get_running_loop().create_task(self._look_on(self._woken, over))
        try:
            yield
        finally:
            over.set()
            self._woken.set()
            await task
            self._woken = None

    async def look(self) -> None:
        """Look at what was observed so far; a task does it every now and then."""
        if (manager := self._manager) is None:
            return
        mine = list(self._waiting)
        self._waiting.clear()
        async for event in _in_turns(await self._from_others(manager, mine)):
            self._judge(event, shared_only=True)
        async for event in _in_turns(mine):
            for rule, finding in self._judge(event):
                await self._act(manager, event, rule, finding)
        if self._lost:
            lost, self._lost = self._lost, 0
            manager.emit(SinkFailed(at=manager.now(), sink="anomalies", lost=lost))

    async def _look_on(self, woken: asyncio.Event, over: asyncio.Event) -> None:
        while not over.is_set():
            await woken.wait()
            woken.clear()
            await self.look()
            with suppress(TimeoutError):
                async with asyncio.timeout(PAUSE):
                    await over.wait()
        await self.look()

    async def _from_others(self, manager: SessionManager[Any], mine: list[Event]) -> list[Event]:
        """Return what other workers saw; nothing while the store fails, so that this one goes on alone."""
        told = [event for event in mine if isinstance(event, self._shared_kinds) and is_worth_sharing(event)]
        if self._sharing is None or not told:
            return []
        try:
            return await self._sharing.exchange(told, manager.now())
        except StoreError:
            return []

    def _judge(self, event: Event, *, shared_only: bool = False) -> list[tuple[Rule, Finding]]:
        """Let the rules look at an event; return what is news."""
        found = []
        for rule in self._rules:
            if not isinstance(event, rule.kinds) or (shared_only and not rule.shared):
                continue
            try:
                finding = rule.see(event)
            except Exception:  # noqa: BLE001 - an app's rule may fail in any way
                _log.exception("rule %s failed on %s", rule.name, event.name)
                continue
            if finding is not None and self._is_news(rule, finding, event.at):
                found.append((rule, finding))
        return found

    def _is_news(self, rule: Rule, finding: Finding, at: float) -> bool:
        key = f"{rule.name} {finding.key}"
        told_at = self._told.get(key)
        if told_at is not None and at - told_at < rule.quiet:
            return False
        self._told.put(key, at)
        return True

    async def _act(self, manager: SessionManager[Any], event: Event, rule: Rule, finding: Finding) -> None:
        response = self.responses[rule.name]
        manager.emit(
            AnomalyFound(
                at=event.at,
                session_id=finding.session_id,
                user_id=finding.user_id,
                device=event.device,
                request_id=event.request_id,
                rule=rule.name,
                severity=finding.severity,
                response=response,
                evidence=finding.evidence,
            )
        )
        await respond(manager, finding, response, event.at)


async def _in_turns(events: list[Event]) -> AsyncIterator[Event]:
    """Yield events, and let others go on every now and then."""
    for number, event in enumerate(events, 1):
        if number % TURN == 0:
            await asyncio.sleep(0)
        yield event
