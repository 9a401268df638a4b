"""Small names for real values: the model's states are short tuples, judged by the real core.

A record is `(current, previous, key, age, former, due)`: tokens, keys and families are numbers in a
table of real ones, `former` is the family before the last authentication, `age` the time since the
commit. Each question is put to the real code once.
"""

import hashlib
from dataclasses import dataclass

import msgspec

from coatcheck.core import chain as chains
from coatcheck.core import change as changes
from coatcheck.core import plan
from coatcheck.core import token as tokens
from coatcheck.core.lifetimes import Lifetimes, Rotation
from coatcheck.core.record import Record
from coatcheck.core.token import Token
from coatcheck.core.visit import Visit
from coatcheck.testing import SeededEntropy
from tests.core.support import ADA, LIFETIMES

NOW = 1_000_000.0
DEAD = None
NONE = -1  # no previous token, no former family; a number, so that states can be sorted


@dataclass(frozen=True)
class Rules:
    """How the server acts. Every default is the rule; each change of one is a mutant."""

    compare_and_set: bool = True
    cached_may_only_admit: bool = True
    who_authenticated_asks_past_the_cache: bool = True
    judge_losers_again: bool = True
    losers_get_nothing: bool = True
    offer_on_fresh_read: bool = True
    derived_successor: bool = True
    fresh_renewal: bool = True
    commit_on_first_use: bool = True
    save_never_revives: bool = True
    refuse_if_end_fails: bool = True


AS_WRITTEN = Rules()


class Symbols:
    """The tables, and the real code behind them."""

    def __init__(self, rotation: Rotation, rules: Rules) -> None:
        self.rotation = rotation
        self.rules = rules
        self.lifetimes: Lifetimes = with_rotation(LIFETIMES, rotation)
        self.tokens: list[Token] = []
        self.keys: list[bytes] = []
        self.families: list[bytes] = []
        self._token_ids: dict[bytes, int] = {}
        self._key_ids: dict[bytes, int] = {}
        self._eras: list[int] = []  # how many re-authentications lie before each token
        self._records: dict[tuple, Record] = {}
        self._verdicts: dict[tuple, plan.Admission] = {}
        self._closings: dict[tuple, tuple] = {}
        root = tokens.mint(SeededEntropy("model"))
        self.root = self.token(root)
        self.stranger = self.token(Token(root.raw[:36] + bytes(12)))

    def token(self, token: Token, era: int = 0) -> int:
        if token.digest not in self._token_ids:
            self._token_ids[token.digest] = len(self.tokens)
            self.tokens.append(token)
            self._eras.append(era)
        return self._token_ids[token.digest]

    def key(self, *seed: object) -> int:
        key = hashlib.sha256(repr(seed).encode()).digest()
        if key not in self._key_ids:
            self._key_ids[key] = len(self.keys)
            self.keys.append(key)
        return self._key_ids[key]

    def family(self, digest: bytes | None) -> int:
        if digest is None:
            return NONE
        if digest not in self.families:
            self.families.append(digest)
        return self.families.index(digest)

    def edited(self, token: int, record: tuple) -> list[int]:
        """What its holder can make of a token: another secret, and generations about the record's."""
        raw, present = self.tokens[token].raw, self.generation(record[0])
        heads = [raw[:16] + generation.to_bytes(4, "big") for generation in range(present - 1, present + 2)]
        return [self.token(Token(head + bytes(16) + raw[36:])) for head in heads]

    def is_obsolete(self, token: int, record: tuple) -> bool:
        """Whether the token is from before the last authentication, whatever it says of itself."""
        return self._eras[token] < self._eras[record[0]]

    def is_forgotten(self, token: int, record: tuple) -> bool:
        """Whether the token is from before the last authentication but one: beyond the chain's memory."""
        return self._eras[token] < self._eras[record[0]] - 1

    def generation(self, token: int) -> int:
        return self.tokens[token].generation

    def begin(self, age: int) -> tuple:
        """A chain whose root was committed `age` ago."""
        return (self.root, NONE, self.key("root"), age, NONE, False)

    def record(self, symbol: tuple) -> Record:
        if symbol not in self._records:
            current, previous, key, age, former, due = symbol
            chain = msgspec.structs.replace(
                chains.start(self.tokens[current], NOW - age, self.keys[key]),
                previous_digest=None if previous == NONE else self.tokens[previous].digest,
                due=due,
                former_family_digest=None if former == NONE else self.families[former],
            )
            self._records[symbol] = Record(
                id=self.tokens[0].id,
                chain=chain,
                identity=ADA,
                csrf_key=b"",
                created_at=0.0,
                last_seen_at=NOW,
                idle=1e6,
                absolute_at=NOW + 1e6,
            )
        return self._records[symbol]

    def symbol(self, record: Record) -> tuple:
        chain = record.chain
        previous = NONE if chain.previous_digest is None else self._token_ids[chain.previous_digest]
        current = self._token_ids[chain.digest]
        self.token(self.tokens[current].successor(chain.next_key), self._eras[current])
        age = min(NOW - chain.committed_at, self.rotation.period)
        return (
            current,
            previous,
            self._key_ids[chain.next_key],
            int(age),
            self.family(chain.former_family_digest),
            chain.due,
        )

    def judge(self, token: int, record: tuple | None, at: int) -> plan.Admission:
        """The verdict on a clock that shows `at` more than the true time; the dead refuse."""
        key = (token, record, at)
        if key not in self._verdicts:
            found = self.record(record) if record is not DEAD else None
            self._verdicts[key] = plan.admit(self.tokens[token], found, NOW + at, self.rotation)
        return self._verdicts[key]

    def close(self, *question: object) -> tuple:
        """Settle and carry out, as the manager does; see `_close`."""
        if question not in self._closings:
            self._closings[question] = self._close(*question)
        return self._closings[question]

    def _close(self, store, snapshot, token, kind, skew, opened, draw):
        """Return (store afterwards, verdict, token handed out, whether a commit was tried).

        The verdict is "ok", "end" (stolen), "superseded", "ahead" or "gone".
        """
        real = self.tokens[token]
        before = self.record(snapshot)
        now = NOW + skew
        visit = Visit(
            record=before,
            standing=self.judge(token, snapshot, opened).standing,
            token=real,
            authenticated=("pwd",) if kind == "reauth" else None,
        )
        move = plan.draw(visit, SeededEntropy(f"renewed {draw} {token} {opened}"))
        if move:
            move = self._in_small_numbers(move, snapshot, before, draw)
        decided = plan.settle(visit, now, self.lifetimes, move)
        after, verdict = store, "ok"
        if decided.change:
            after, verdict = self._save(store, snapshot, token, opened, decided.change)
        handed = None
        if verdict == "ok" or not self.rules.losers_get_nothing:
            if decided.renewed:
                handed = self.token(decided.renewed)
            elif decided.offer:
                after, handed = self._offer(after, snapshot, visit, now, draw)
        return after, verdict, handed, decided.change is not None

    def _in_small_numbers(self, move, snapshot, before, draw):
        """Return the move with its key from the table, so that equal states stay equal."""
        if move.authenticated and not self.rules.fresh_renewal:
            derived = self.tokens[snapshot[0]].successor(before.chain.next_key)
            move = msgspec.structs.replace(move, token=derived)
        era = self._eras[snapshot[0]] + (move.authenticated is not None)
        key = self.keys[self.key(self.token(move.token, era), draw)]
        return msgspec.structs.replace(move, next_key=key)

    def _save(self, store, snapshot, token, opened, change):
        if store is DEAD:
            if self.rules.save_never_revives:
                return DEAD, "gone"
            store = snapshot
        commit = change.commit
        if not self.rules.compare_and_set:
            commit = msgspec.structs.replace(commit, expected=self.record(store).chain.digest)
            change = msgspec.structs.replace(change, commit=commit)
        saved = changes.apply(self.record(store), change)
        after = self.symbol(saved)
        if saved.chain.digest == commit.chain.digest or not self.rules.judge_losers_again:
            return after, "ok"
        verdict = verdict_of(self.judge(token, after, opened))
        if verdict == "end":
            return DEAD, "end"
        return after, "superseded" if verdict == "ok" and commit.authenticated else verdict

    def _offer(self, store, snapshot, visit, now, draw):
        found = store if self.rules.offer_on_fresh_read else snapshot
        if found is DEAD or not plan.may_offer(visit, self.record(found), now, self.rotation):
            return store, None
        if not self.rules.derived_successor and store is not DEAD:
            found = store = (*store[:2], self.key("random", draw), *store[3:])
        chain = self.record(found).chain
        successor = visit.token.successor(chain.next_key)
        handed = self.token(successor, self._eras[self._token_ids[visit.token.digest]])
        if not self.rules.commit_on_first_use:
            moved = chain.commit(successor, now, self.keys[self.key(handed, draw)])
            store = self.symbol(msgspec.structs.replace(self.record(found), chain=moved))
        return store, handed


def with_rotation(lifetimes: Lifetimes, rotation: Rotation) -> Lifetimes:
    return Lifetimes(idle=lifetimes.idle, absolute=lifetimes.absolute, rotation=rotation)


def verdict_of(admission: plan.Admission) -> str:
    """One word for the model's checks."""
    if admission.admitted:
        return "ok"
    if admission.verdict is plan.Verdict.END:
        return "end"
    if admission.standing is chains.Standing.AHEAD:
        return "ahead"
    return "superseded" if admission.standing is chains.Standing.FORMER else "unknown"
