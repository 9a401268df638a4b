"""The decision: what a presented token means, and what must happen when the response starts.

Pure and total. The manager acts on the values made here and decides nothing itself; every row of
the tables in `docs/protocol.md` is a line of this file.
"""

from enum import Enum

import msgspec

from coatcheck.core import touch
from coatcheck.core.chain import CURRENT, FOREIGN, KEY_BYTES, NEXT, Standing
from coatcheck.core.change import NO_DATA_CHANGE, NO_GRANTS, Change, Commit, Elevation
from coatcheck.core.entropy import Entropy
from coatcheck.core.evidence import Evidence, against
from coatcheck.core.lifetimes import Lifetimes, Rotation
from coatcheck.core.reason import Reason
from coatcheck.core.record import Record, Tombstone
from coatcheck.core.store import Ending
from coatcheck.core.token import Token, another
from coatcheck.core.touch import Touch, touch_timing
from coatcheck.core.visit import Move, Visit

FIRST_CLIENT_ERROR = 400
FIRST_SERVER_ERROR = 500


class Verdict(Enum):
    """What to do with the holder of a token."""

    ADMIT = "admit"
    REFUSE = "refuse"
    END = "end"


ADMIT = Verdict.ADMIT  # as a name of the module, like those of `chain`


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
    Standing.FORMER: Admission(Verdict.REFUSE, Reason.SUPERSEDED, Standing.FORMER),
    Standing.AHEAD: Admission(Verdict.REFUSE, Reason.SUPERSEDED, Standing.AHEAD),
}
_OUTRUN = Admission(Verdict.REFUSE, Reason.SUPERSEDED, Standing.RETIRED)


def admit(token: Token | None, found: Record | Tombstone | None, now: float, rotation: Rotation) -> Admission:
    """Judge a token against what the store holds under its id; `now` in seconds since the epoch."""
    if token is None:
        return NOBODY
    if found is None:
        return UNKNOWN
    if not isinstance(found, Record):  # asked this way round: a yes is what `isinstance` is quick to say
        if not token.is_authentic(found.family_digest):
            return UNKNOWN
        return Admission(Verdict.REFUSE, found.reason)
    standing = found.chain.standing(token, now, rotation)
    if standing is FOREIGN:
        return UNKNOWN
    if found.has_expired(now, rotation.tolerance):
        return Admission(Verdict.REFUSE, found.timeout)
    if standing is CURRENT:
        return _CURRENT
    if standing is Standing.RETIRED:
        return Admission(
            Verdict.END,
            Reason.TOKEN_REUSED,
            standing,
            against(token, found.chain, found.chain.committed_at, now),
        )
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


class CookieChange(msgspec.Struct, frozen=True):
    """What the response does to the session cookie.

    Attributes:
        text: The token to hand out; None deletes the cookie.
        max_age: Seconds a persistent cookie stays; None for one that dies with the browser.
    """

    text: str | None
    max_age: int | None = None

    def __repr__(self) -> str:
        return f"<CookieChange {'set' if self.text else 'delete'}>"


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What must happen before the response starts: at most one write, then the cookie.

    Attributes:
        cookie: SET hands out the token of the chain the plan leaves current.
        change: The one write to the record.
        renewed: The fresh token that re-authentication hands out.
        create: Make an anonymous session, for the data a visitor left.
        endings: What ends with a sign-in: the sessions it replaces where it holds, and where it failed
            with its response the one it made.
        touch: When the activity stamp must be stored, where no other write carries it.
        offer: Offer the successor, after a fresh read.
    """

    cookie: Cookie = Cookie.KEEP
    change: Change | None = None
    renewed: Token | None = None
    create: bool = False
    endings: tuple[Ending, ...] = ()
    touch: Touch = Touch.NONE
    offer: bool = False


NOTHING_TO_DO = Plan()
_ONLY_TOUCH = {
    touch.NONE: NOTHING_TO_DO,
    touch.HELD: Plan(touch=touch.HELD),
    touch.SOON: Plan(touch=touch.SOON),
}


def routine(
    record: Record, standing: Standing | None, seen_at: float | None, now: float, lifetimes: Lifetimes
) -> Plan | None:
    """Return the plan where a request did nothing but perhaps show activity; None if there is more to do.

    It concerns neither the store now nor the cookie. Most requests are of this kind, so they pay for
    neither a visit nor a move.
    """
    if standing is NEXT or record.chain.offer_due(now, lifetimes.rotation):
        return None
    return _ONLY_TOUCH.get(touch_timing(record, seen_at, lifetimes))


def draw(visit: Visit, entropy: Entropy) -> Move | None:
    """Draw the move of the chain that a request makes; None for most, which make none."""
    record, token = visit.record, visit.token
    if record is None:
        return None
    if visit.authenticated is not None and visit.status < FIRST_CLIENT_ERROR:
        # Without a token it came with another carrier: whoever holds the cookie has proven nothing.
        renewed = record.chain.renewal(token or another(record.id, entropy), entropy)
        return Move(renewed, entropy.token_bytes(KEY_BYTES), visit.authenticated)
    return Move(token, entropy.token_bytes(KEY_BYTES)) if token and visit.standing is NEXT else None


def settle(visit: Visit, now: float, lifetimes: Lifetimes, move: Move | None) -> Plan:
    """Decide what a response does to the session; `now` in seconds since the epoch, `move` as drawn."""
    data = visit.data if visit.status < FIRST_SERVER_ERROR else NO_DATA_CHANGE
    if visit.ended:
        return Plan(cookie=Cookie.CLEAR)
    if visit.record is None:
        return Plan(cookie=Cookie.SET, create=True) if data else NOTHING_TO_DO
    if visit.began:
        if visit.status >= FIRST_CLIENT_ERROR:
            return Plan(endings=(Ending(visit.record.id, Reason.REVOKED, now),))
        over = tuple(Ending(id, Reason.SUPERSEDED, now) for id in visit.replaced)
        return Plan(cookie=Cookie.SET, endings=over, change=Change(data=data) if data else None)
    if move is None and not data:
        quiet = routine(visit.record, visit.standing, visit.seen_at, now, lifetimes)
        if quiet is not None:
            return quiet
    timing = touch_timing(visit.record, visit.seen_at, lifetimes)
    commit = _commit(visit.record, move, now, lifetimes) if move else None
    elevated = move is not None and move.authenticated is not None
    offer = not elevated and may_offer(visit, visit.record, now, lifetimes.rotation)
    if commit is None and not data and timing is not touch.NOW:
        return Plan(touch=timing, offer=True) if offer else _ONLY_TOUCH[timing]
    renewed = move.token if move and elevated and visit.token else None
    return Plan(
        cookie=Cookie.SET if renewed else Cookie.KEEP,
        change=Change(
            data=data, commit=commit, seen_at=visit.seen_at, grants=NO_GRANTS if elevated else None
        ),
        renewed=renewed,
        offer=offer,
    )


def may_offer(visit: Visit, record: Record, now: float, rotation: Rotation) -> bool:
    """Tell whether this response may carry the successor, judged on `record` as it is now."""
    token, chain = visit.token, record.chain
    if token is None or visit.cacheable or not chain.offer_due(now, rotation):
        return False
    return chain.standing(token, now, rotation) is CURRENT


def _commit(record: Record, move: Move, now: float, lifetimes: Lifetimes) -> Commit:
    chain = record.chain
    if move.authenticated is None:
        return Commit(expected=chain.digest, chain=chain.commit(move.token, now, move.next_key))
    span = lifetimes.span(remember=record.remember)
    return Commit(
        expected=chain.digest,
        chain=chain.authenticate(move.token, now, move.next_key),
        authenticated=Elevation(at=now, amr=move.authenticated, absolute_at=now + span.absolute),
    )
