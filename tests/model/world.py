"""The world around the server: browser, network, workers, store and thief, one small step at a time.

Time passes in ticks. Nothing is under way longer than the overlap, because no tick happens while
something is that old: it must arrive or get lost first.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from coatcheck.core.lifetimes import Rotation
from tests.model.symbols import AS_WRITTEN, DEAD, Rules, Symbols, verdict_of


@dataclass(frozen=True)
class Scenario:
    """How large a world to search. The numbers below `tabs` are how often a thing may happen."""

    name: str
    rotation: Rotation
    skews: tuple[int, ...] = (0,)  # the workers' clocks, within the tolerance of each other
    staleness: int = -1  # how long a cache may show the record before the last write; -1: no cache
    floods: bool = False  # the address has presented too many strange tokens: see `World._judge`
    first_age: int = 1  # ticks before the first offer is due
    tabs: int = 2
    sends: int = 3
    repeats: int = 0
    reauths: int = 0
    updates: int = 0
    failovers: int = 0
    revokes: int = 0
    copies: int = 0
    thefts: int = 0
    end_failures: int = 0

    @property
    def budget(self) -> tuple[int, ...]:
        return tuple(getattr(self, name) for name in BUDGETS)


BUDGETS = (
    "sends",
    "repeats",
    "reauths",
    "updates",
    "failovers",
    "revokes",
    "copies",
    "thefts",
    "end_failures",
)
SEND, REPEAT, REAUTH, UPDATE, FAILOVER, REVOKE, COPY, THEFT, END_FAILURE = range(len(BUDGETS))
REQUEST, JOB, RESPONSE = range(3)


class Exchange(NamedTuple):
    """One request of the browser on its way there, in the server, or back.

    `beside` says that it overlaps a re-authentication of its own browser, `older` that its answer
    was sent before the answer to one, `fresh` that it is not to be judged by a cache. `token` is what is
    presented, in a response what is set.
    """

    phase: int
    token: int
    kind: str
    age: int
    beside: bool = False
    older: bool = False
    snapshot: tuple = ()
    skew: int = 0
    open_for: int = 0
    fresh: bool = False


class State(NamedTuple):
    """Everything there is. `behind` is the record before the last write and how long ago that was.

    `asks` is for how long the jar holds the cookie that came with the last re-authentication.
    """

    store: tuple | None
    behind: tuple | None
    jar: int
    net: tuple[Exchange, ...]
    thief: int = -1
    thief_is_obsolete: bool = False
    shown: tuple = ((0, 0), (0, 0))  # newest generation each party was served with, and how long ago
    budget: tuple[int, ...] = ()
    draw: int = 0
    excused: bool = False  # exception (a) or (b) has happened
    lost_writes: bool = False
    revoked: bool = False
    asks: int = 0


Step = tuple[str, State, str]  # what happened, what it led to, and which property it breaks ("" for none)


class World:
    """The steps that are possible in a state."""

    def __init__(self, scenario: Scenario, rules: Rules = AS_WRITTEN) -> None:
        self.scenario = scenario
        self.rules = rules
        self.symbols = Symbols(scenario.rotation, rules)
        self.overlap = int(scenario.rotation.overlap)
        self.patience = int(scenario.rotation.grace + scenario.rotation.tolerance) + max(
            scenario.staleness, 0
        )

    def start(self) -> State:
        period = int(self.scenario.rotation.period)
        store = self.symbols.begin(period - self.scenario.first_age)
        return State(store, None, self.symbols.root, (), budget=self.scenario.budget)

    def steps(self, state: State) -> Iterator[Step]:
        yield from self._browser(state)
        for index, exchange in enumerate(state.net):
            rest = state.net[:index] + state.net[index + 1 :]
            if index and exchange == state.net[index - 1]:
                continue
            if exchange.phase == REQUEST:
                yield "a request is lost", state._replace(net=rest), ""
                yield from self._arrive(state, exchange, rest)
            elif exchange.phase == JOB:
                yield self._close(state, exchange, rest)
            else:
                yield from self._answer(state, exchange, rest)
        yield from self._elsewhere(state)
        yield from self._thief(state)
        if all(exchange.age < self.overlap for exchange in state.net):
            yield "a tick", self._tick(state), ""

    # --- the browser ---

    def _browser(self, state: State) -> Iterator[Step]:
        if len(state.net) >= self.scenario.tabs:
            return
        reauth_under_way = any(exchange.kind == "reauth" for exchange in state.net)
        if state.budget[SEND]:
            sent = Exchange(REQUEST, state.jar, "get", 0, beside=reauth_under_way, fresh=state.asks > 0)
            yield "a tab sends", put(spend(state, SEND), state.net, sent), ""
        if state.budget[REAUTH]:
            others = tuple(exchange._replace(beside=True) for exchange in state.net)
            sent = Exchange(REQUEST, state.jar, "reauth", 0, beside=True, fresh=state.asks > 0)
            yield "a tab sends the password", put(spend(state, REAUTH), others, sent), ""

    def _answer(self, state: State, answer: Exchange, rest: tuple) -> Iterator[Step]:
        renewed = answer.kind == "reauth"
        without = state._replace(net=rest)
        yield "a response is lost", without._replace(excused=state.excused or renewed), ""
        if renewed:  # from now on, what was sent before this answer must not be the last word
            rest = tuple(e._replace(older=e.older or e.phase == RESPONSE) for e in rest)
            if self.scenario.floods and self.rules.who_authenticated_asks_past_the_cache:
                state = state._replace(asks=self.scenario.staleness + 1)
        arrived = state._replace(jar=answer.token, net=tuple(sorted(rest)))
        yield "a response arrives", arrived._replace(excused=state.excused or answer.older), ""

    # --- the server ---

    def _arrive(self, state: State, request: Exchange, rest: tuple) -> Iterator[Step]:
        if request.kind == "get" and state.budget[REPEAT]:
            yield from self._open(spend(state, REPEAT), request, state.net)
        yield from self._open(state, request, rest)

    def _views(self, state: State, *, fresh: bool = False) -> list[tuple[tuple | None, bool]]:
        views = [(state.store, True)]
        if not fresh and state.behind and state.behind[1] <= self.scenario.staleness:
            views.append((state.behind[0], False))
        return views

    def _open(self, state: State, request: Exchange, rest: tuple) -> Iterator[Step]:
        for skew in self.scenario.skews:
            for view, is_fresh in self._views(state, fresh=request.fresh):
                judged, verdict = self._judge(state, request.token, view, skew, is_fresh=is_fresh)
                if verdict == "ok":
                    job = request._replace(phase=JOB, snapshot=judged, skew=skew, open_for=0)
                    yield f"opened, clock +{skew}, fresh: {is_fresh}", put(state, rest, job), ""
                    continue
                broken = self._judge_honest(state, request, verdict)
                refused = state._replace(net=rest)
                if verdict == "end":
                    if state.budget[END_FAILURE]:
                        yield "refused, the end is not written", spend(refused, END_FAILURE), broken
                    refused = self._write(refused, DEAD)
                yield f"refused: {verdict}", refused, broken

    def _judge(self, state: State, token: int, view: tuple | None, skew: int, *, is_fresh: bool):
        """Judge a token; a cache only admits.

        But from an address that floods it refuses a token of no family it knows, without a read. An honest
        browser behind the same address relies on its cookie then, which others need not hold.
        """
        verdict = verdict_of(self.symbols.judge(token, view, skew))
        believed = {"ok", "unknown"} if self.scenario.floods else {"ok"}
        if verdict not in believed and not is_fresh and self.rules.cached_may_only_admit:
            view = state.store
            verdict = verdict_of(self.symbols.judge(token, view, skew))
        return view, verdict

    def _close(self, state: State, job: Exchange, rest: tuple) -> Step:
        after, verdict, handed, _ = self.symbols.close(
            state.store, job.snapshot, job.token, job.kind, job.skew, job.skew - job.open_for, state.draw
        )
        broken = self._judge_honest(state, job, verdict) or self._judge_handout(state, after, handed)
        done = self._write(state._replace(net=rest), after)
        if job.kind == "reauth" and handed is not None:
            done = done._replace(
                net=tuple(e._replace(older=e.older or e.phase == RESPONSE) for e in rest),
                draw=state.draw + 1,
                thief_is_obsolete=True,
            )
        elif after != state.store and (not self.rules.derived_successor or not self.rules.compare_and_set):
            done = done._replace(draw=state.draw + 1)
        if verdict == "ok":
            done = self._show(done, 0, job.token)
        if handed is not None:
            answer = Exchange(RESPONSE, handed, job.kind, job.age, beside=job.beside)
            done = put(done, done.net, answer)
        return f"closed {job.kind}: {verdict}, hands out {handed}", done, broken

    def _write(self, state: State, after: tuple | None) -> State:
        if after == state.store:
            return state
        return state._replace(store=after, behind=None if state.store is DEAD else (state.store, 0))

    def _show(self, state: State, party: int, token: int) -> State:
        if not self.scenario.copies:
            return state
        generation = self.symbols.generation(token)
        if generation <= state.shown[party][0]:
            return state
        shown = list(state.shown)
        shown[party] = (generation, 0)
        return state._replace(shown=tuple(shown))

    # --- what happens elsewhere ---

    def _elsewhere(self, state: State) -> Iterator[Step]:
        if state.store is DEAD:
            return
        stranger = self.symbols.stranger
        for token in (stranger, *self.symbols.edited(stranger, state.store)):
            verdict = verdict_of(self.symbols.judge(token, state.store, 0))
            broken = "1: a stranger is believed" if verdict != "unknown" else ""
            yield "a stranger who knows the id", state, broken
        if state.budget[UPDATE]:
            yield "roles change", self._write(spend(state, UPDATE), (*state.store[:5], True)), ""
        if state.budget[REVOKE]:
            yield "revoked", self._write(spend(state, REVOKE)._replace(revoked=True), DEAD), ""
        if state.budget[FAILOVER] and state.behind and state.behind[1] <= self.overlap:
            back = state.behind[0]
            lost_authentication = back[4] != state.store[4]
            yield (
                "the store loses its last write",
                spend(state, FAILOVER)._replace(
                    store=back,
                    behind=(state.store, 0),
                    draw=state.draw + 1,
                    excused=state.excused or lost_authentication,
                    lost_writes=True,
                ),
                "",
            )

    def _thief(self, state: State) -> Iterator[Step]:
        if state.budget[COPY]:
            obsolete = state.store is not DEAD and self.symbols.is_obsolete(state.jar, state.store)
            copied = spend(state, COPY)._replace(thief=state.jar, thief_is_obsolete=obsolete)
            yield "the jar is copied", copied, ""
        if state.thief < 0 or not state.budget[THEFT]:
            return
        state = spend(state, THEFT)
        for view, is_fresh in self._views(state):
            for skew in self.scenario.skews:
                yield from self._steal(state, view, skew, is_fresh=is_fresh)
            if state.store is not DEAD:
                yield from self._forge(state, view, is_fresh=is_fresh)

    def _steal(self, state: State, view: tuple | None, skew: int, *, is_fresh: bool) -> Iterator[Step]:
        judged, verdict = self._judge(state, state.thief, view, skew, is_fresh=is_fresh)
        after, handed, knows_better = state.store, None, judged == state.store
        if verdict == "ok":
            after, verdict, handed, tried = self.symbols.close(
                state.store, judged, state.thief, "get", skew, skew, state.draw
            )
            knows_better = knows_better or tried
        elif verdict == "end":
            if state.budget[END_FAILURE]:
                served = "" if self.rules.refuse_if_end_fails else self._judge_thief(state, "ok")
                yield "the end of a reuse is not written", spend(state, END_FAILURE), served
            after = DEAD
        broken = self._judge_thief(state, verdict) if knows_better else ""
        broken = broken or self._judge_handout(state, after, handed)
        done = self._write(state, after)
        if verdict == "ok":
            done = self._show(done, 1, state.thief)
        yield f"the thief shows {state.thief}: {verdict}", done, broken
        if handed is not None:
            yield f"the thief gets {handed}", done._replace(thief=handed), broken

    def _forge(self, state: State, view: tuple | None, *, is_fresh: bool) -> Iterator[Step]:
        """The thief edits what it holds: the family vouches for no generation and no secret."""
        present = self.symbols.generation(state.store[0])
        for token in self.symbols.edited(state.thief, state.store):
            _, verdict = self._judge(state, token, view, 0, is_fresh=is_fresh)
            broken = "2: an edited token is served" if verdict == "ok" else ""
            if state.thief_is_obsolete and verdict == "end":
                broken = "2: a thief whose token is superseded ends the session"
            done = self._write(state, DEAD) if verdict == "end" else state
            claimed = self.symbols.generation(token) - present
            yield f"the thief edits {state.thief} to generation {claimed:+}: {verdict}", done, broken

    # --- the properties ---

    def _judge_honest(self, state: State, exchange: Exchange, verdict: str) -> str:
        if verdict == "ok":
            return ""
        if state.store is DEAD:
            return "" if state.revoked or state.thief >= 0 else "1: dead without a cause"
        if state.thief >= 0:
            return ""
        if verdict == "end":
            return "1: the honest browser is accused"
        if verdict == "ahead" and not state.lost_writes and not exchange.beside:
            return "1: a lost write is reported that nobody lost"
        if state.excused or exchange.beside:
            strange = state.lost_writes or self.symbols.is_forgotten(exchange.token, state.store)
            if verdict in {"superseded", "ahead"} or (verdict == "unknown" and strange):
                return ""
        return f"1: the honest browser is signed out ({verdict})"

    def _judge_thief(self, state: State, verdict: str) -> str:
        if state.store is DEAD:
            return "4: served after the end" if verdict == "ok" else ""
        if state.thief_is_obsolete:
            if verdict == "ok":
                return "2: a token from before the authentication is served"
            if verdict == "end":
                return "2: a thief whose token is superseded ends the session"
            forgotten = verdict == "unknown" and self.symbols.is_forgotten(state.thief, state.store)
            quiet = verdict == "superseded" or forgotten or state.lost_writes
            return "" if quiet else f"2: false alarm ({verdict})"
        newest, ago = state.shown[0]
        outdated = self.symbols.generation(state.thief) < newest and ago > self.patience
        return "2: the thief stays unnoticed" if outdated and verdict != "end" else ""

    def _judge_handout(self, state: State, after: tuple | None, handed: int | None) -> str:
        if state.store is DEAD and (handed is not None or after is not DEAD):
            return "4: an ended session is revived"
        return ""

    # --- time ---

    def _tick(self, state: State) -> State:
        cap = int(self.scenario.rotation.period)
        store, behind = state.store, state.behind
        if store is not DEAD:
            store = older(store, cap)
        if behind:
            keep = max(self.scenario.staleness, self.overlap if state.budget[FAILOVER] else -1)
            behind = (older(behind[0], cap), behind[1] + 1) if behind[1] < keep else None
        net = tuple(
            sorted(
                e._replace(
                    age=e.age + 1,
                    open_for=e.open_for + 1 if e.phase == JOB else 0,
                    snapshot=older(e.snapshot, cap) if e.snapshot else (),
                )
                for e in state.net
            )
        )
        shown = tuple((g, min(ago + 1, self.patience + 1) if g else 0) for g, ago in state.shown)
        asks = max(0, state.asks - 1)
        return state._replace(store=store, behind=behind, net=net, shown=shown, asks=asks)


def older(record: tuple, cap: int) -> tuple:
    return (*record[:3], min(record[3] + 1, cap), *record[4:])


def spend(state: State, what: int) -> State:
    budget = list(state.budget)
    budget[what] -= 1
    return state._replace(budget=tuple(budget))


def put(state: State, net: tuple[Exchange, ...], exchange: Exchange) -> State:
    return state._replace(net=tuple(sorted((*net, exchange))))
