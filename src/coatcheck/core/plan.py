"""The decision: what a presented token means, and what must happen when the response starts.

Pure and total. The manager acts on the values made here and decides nothing itself; every row of
the tables in `docs/protocol.md` is a line of this file.
"""

from enum import Enum

import msgspec

from coatcheck.core import lifetimes as deadlines
from coatcheck.core.chain import CURRENT, FOREIGN, NEXT, Chain, Standing
from coatcheck.core.change import NO_DATA_CHANGE, Change, Commit, DataChange, Elevation
from coatcheck.core.lifetimes import Lifetimes, Rotation
from coatcheck.core.reason import Reason
from coatcheck.core.record import Record, Tombstone
from coatcheck.core.token import Token
from coatcheck.core.touch import HELD, NONE, NOW, SOON, Touch, touch_timing

FIRST_CLIENT_ERROR = 400
FIRST_SERVER_ERROR = 500


class Verdict(Enum):
    """What to do with the holder of a token."""

    ADMIT = "admit"
    REFUSE = "refuse"
    END = "end"


ADMIT = Verdict.ADMIT


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """Why a token counts as reused.

    Attributes:
        presented: Generation of the token that came.
        current: Generation the record is at.
        age: Seconds since the current token was committed.
        one_step_back: It is the direct predecessor: a jar that went back looks like this too.
    """

    presented: int
    current: int
    age: float
    one_step_back: bool


class Admission(msgspec.Struct, frozen=True):
    """The verdict on a token, with its reason."""

    verdict: Verdict
    reason: Reason | None = None
    standing: Standing | None = None
    evidence: Evidence | None = None

    @property
    def admitted(self) -> bool:
        """Whether the request goes on with the session."""
        return self.verdict is ADMIT


NOBODY = Admission(Verdict.REFUSE, Reason.NO_SESSION)
UNKNOWN = Admission(Verdict.REFUSE, Reason.UNKNOWN_TOKEN, Standing.FOREIGN)

_CURRENT = Admission(Verdict.ADMIT, None, Standing.CURRENT)
_BY_STANDING = {
    Standing.NEXT: Admission(Verdict.ADMIT, None, Standing.NEXT),
    Standing.PREVIOUS: Admission(Verdict.ADMIT, None, Standing.PREVIOUS),
    Standing.BEHIND_BARRIER: Admission(Verdict.REFUSE, Reason.SUPERSEDED, Standing.BEHIND_BARRIER),
    Standing.AHEAD: Admission(Verdict.REFUSE, Reason.SUPERSEDED, Standing.AHEAD),
}
_OUTRUN = Admission(Verdict.REFUSE, Reason.SUPERSEDED, Standing.RETIRED)


def admit(token: Token | None, found: Record | Tombstone | None, now: float, rotation: Rotation) -> Admission:
    """Judge a token against what the store holds under its id; `now` in seconds since the epoch."""
    if token is None:
        return NOBODY
    if found is None:
        return UNKNOWN
    if isinstance(found, Tombstone):
        if not token.is_authentic(found.family_digest):
            return UNKNOWN
        return Admission(Verdict.REFUSE, found.reason)
    standing = found.chain.standing(token, now, rotation)
    if standing is FOREIGN:
        return UNKNOWN
    if deadlines.is_past(found.expires_at, now, rotation.tolerance):
        absolute = found.expires_at == found.absolute_at
        return Admission(Verdict.REFUSE, Reason.ABSOLUTE_TIMEOUT if absolute else Reason.IDLE_TIMEOUT)
    if standing is CURRENT:
        return _CURRENT
    if standing is Standing.RETIRED:
        return Admission(Verdict.END, Reason.TOKEN_REUSED, standing, _evidence(token, found.chain, now))
    return _BY_STANDING[standing]


def admit_again(token: Token | None, found: Record, opened_at: float, rotation: Rotation) -> Admission:
    """Judge a token whose commit lost its race, as of the moment its request arrived.

    Commits made since then are no evidence against its holder: a long upload may outlive two of them.
    """
    admission = admit(token, found, opened_at, rotation)
    if admission.verdict is Verdict.END and opened_at < found.chain.committed_at:
        return _OUTRUN
    return admission


class Cookie(Enum):
    """What the response does to the cookie."""

    KEEP = "keep"
    SET = "set"
    CLEAR = "clear"


class Visit(msgspec.Struct, frozen=True):
    """What one request leaves behind: the facts that `settle` judges.

    Attributes:
        record: The record the request works on; None for an anonymous visitor.
        standing: What its token was to the record's chain.
        token: The token that was presented.
        data: What the handler did to the session data.
        seen_at: When a person acted, in seconds since the epoch; None for a passive request.
        status: HTTP status of the response.
        cacheable: A shared cache may store the response.
        began: `record` was created by a sign-in on this very request.
        ended: The user signed out on this very request.
        authenticated: How the user proved themselves again on this request (RFC 8176).
    """

    record: Record | None
    standing: Standing | None = None
    token: Token | None = None
    data: DataChange = NO_DATA_CHANGE
    seen_at: float | None = None
    status: int = 200
    cacheable: bool = False
    began: bool = False
    ended: bool = False
    authenticated: tuple[str, ...] | None = None


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What must happen before the response starts: at most one write, then the cookie.

    Attributes:
        cookie: SET hands out the token of the chain the plan leaves current.
        change: The one write to the record.
        renewed: The fresh token that re-authentication hands out.
        create: Make an anonymous session, for the data a visitor left.
        replace: A sign-in holds: end the session it replaces.
        abandon: A sign-in failed with its response: end the session it made.
        touch: When the activity stamp must be stored, where no other write carries it.
        offer: Offer the successor, after a fresh read.
    """

    cookie: Cookie = Cookie.KEEP
    change: Change | None = None
    renewed: Token | None = None
    create: bool = False
    replace: bool = False
    abandon: bool = False
    touch: Touch = Touch.NONE
    offer: bool = False


NOTHING_TO_DO = Plan()
_ONLY_TOUCH = {HELD: Plan(touch=HELD), NONE: NOTHING_TO_DO, SOON: Plan(touch=SOON)}
QUIET = tuple(_ONLY_TOUCH.values())  # concern neither the store now nor the cookie, as most do


class Fresh(msgspec.Struct, frozen=True):
    """Randomness for one plan, drawn by the caller: the next key, and a token nobody can derive."""

    next_key: bytes
    renewed: Token | None = None


def settle(visit: Visit, now: float, lifetimes: Lifetimes, fresh: Fresh) -> Plan:
    """Decide what a response does to the session; `now` in seconds since the epoch."""
    data = visit.data if visit.status < FIRST_SERVER_ERROR else NO_DATA_CHANGE
    if visit.ended:
        return Plan(cookie=Cookie.CLEAR)
    if visit.record is None:
        return Plan(cookie=Cookie.SET, create=True) if data else NOTHING_TO_DO
    if visit.began:
        if visit.status >= FIRST_CLIENT_ERROR:
            return Plan(abandon=True)
        return Plan(cookie=Cookie.SET, replace=True, change=Change(data=data) if data else None)
    timing = touch_timing(visit.record, visit.seen_at, lifetimes)
    commit = _commit(visit, visit.record, now, lifetimes, fresh)
    elevated = commit is not None and commit.authenticated is not None
    offer = not elevated and may_offer(visit, visit.record, now, lifetimes.rotation)
    if commit is None and not data and timing is not NOW:
        return Plan(touch=timing, offer=True) if offer else _ONLY_TOUCH[timing]
    return Plan(
        cookie=Cookie.SET if elevated else Cookie.KEEP,
        change=Change(data=data, commit=commit, seen_at=visit.seen_at),
        renewed=fresh.renewed if elevated else None,
        offer=offer,
    )


def may_offer(visit: Visit, record: Record, now: float, rotation: Rotation) -> bool:
    """Tell whether this response may carry the successor, judged on `record` as it is now."""
    token, chain = visit.token, record.chain
    if token is None or visit.cacheable or not chain.offer_due(now, rotation):
        return False
    return chain.standing(token, now, rotation) is CURRENT


def _commit(visit: Visit, record: Record, now: float, lifetimes: Lifetimes, fresh: Fresh) -> Commit | None:
    chain = record.chain
    if visit.authenticated is not None and visit.status < FIRST_CLIENT_ERROR and fresh.renewed:
        span = lifetimes.span(remember=record.remember)
        return Commit(
            expected=chain.digest,
            chain=chain.authenticate(fresh.renewed, now, fresh.next_key),
            authenticated=Elevation(at=now, amr=visit.authenticated, absolute_at=now + span.absolute),
        )
    if visit.standing is NEXT and visit.token is not None:
        return Commit(expected=chain.digest, chain=chain.commit(visit.token, now, fresh.next_key))
    return None


def _evidence(token: Token, chain: Chain, now: float) -> Evidence:
    return Evidence(
        presented=token.generation,
        current=chain.generation,
        age=deadlines.age(chain.committed_at, now),
        one_step_back=chain.is_one_step_back(token),
    )
