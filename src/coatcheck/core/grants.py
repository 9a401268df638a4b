"""The decision about grants: what a refresh token or an access token means, and what answers it. Pure.

Every refresh is an offer: R(n) is answered with the same R(n+1) until R(n+1), or an access token that
went out with it, is used. So lost, repeated and parallel answers converge as a cookie's do.
"""

import hmac

import msgspec

from coatcheck.core import grant as kept
from coatcheck.core import plan
from coatcheck.core.chain import NEXT, Standing
from coatcheck.core.evidence import against
from coatcheck.core.grant import Grant
from coatcheck.core.lifetimes import Rotation
from coatcheck.core.plan import Admission, Verdict
from coatcheck.core.reason import Reason
from coatcheck.core.record import Record, Tombstone
from coatcheck.core.token import Token

GONE = Admission(Verdict.REFUSE, Reason.REVOKED)
_ADMITTED = Admission(Verdict.ADMIT)
_SUPERSEDED = Admission(Verdict.REFUSE, Reason.SUPERSEDED, Standing.AHEAD)
_OUTRUN = Admission(Verdict.REFUSE, Reason.SUPERSEDED, Standing.RETIRED)


class Handout(msgspec.Struct, frozen=True):
    """What answers a refresh token.

    Attributes:
        grant: The grant as it is from now on.
        step: Which token of the chain the access token goes out with.
        token: The refresh token to use next time; None: the one that was presented, for as long as it counts.
    """

    grant: Grant
    step: int
    token: Token | None = None


def grant_of(token: Token, record: Record) -> Grant | None:
    """Return the grant to whose family a token belongs."""
    family = token.family_digest
    mine = [grant for grant in record.grants if hmac.compare_digest(family, grant.chain.family_digest)]
    return mine[0] if mine else None


def admit(
    token: Token, found: Record | Tombstone | None, opened_at: float, rotation: Rotation
) -> tuple[Admission, Grant | None]:
    """Judge a refresh token as of the moment it arrived (seconds since the epoch).

    What was committed since is no evidence against its holder.
    """
    grant = grant_of(token, found) if isinstance(found, Record) else None
    if grant is None or not isinstance(found, Record):
        return plan.UNKNOWN, None
    if found.has_expired(opened_at, rotation.tolerance):
        return Admission(Verdict.REFUSE, found.timeout), grant
    standing = grant.standing(token, opened_at, rotation)
    if standing is Standing.AHEAD:
        return _SUPERSEDED, grant
    if standing is not Standing.RETIRED:
        return Admission(Verdict.ADMIT, None, standing), grant
    retired_at = max(grant.chain.committed_at, grant.confirmed_at or 0.0)
    if opened_at < retired_at:
        return _OUTRUN, grant
    evidence = against(token, grant.chain, retired_at, opened_at)
    return Admission(Verdict.END, Reason.TOKEN_REUSED, standing, evidence), grant


def answer(
    grant: Grant, token: Token, standing: Standing | None, now: float, rotation: Rotation, next_key: bytes
) -> Handout:
    """Answer an admitted refresh token; `next_key` is a random key for the token after a commit."""
    if standing is Standing.PREVIOUS:
        return Handout(grant, grant.chain.generation)
    after = grant.committed(token, now, next_key) if standing is NEXT else grant
    if not after.may_offer(now, rotation):
        return Handout(after, after.chain.generation)
    return Handout(after, after.chain.generation + 1, token.successor(after.chain.next_key))


def admit_bearer(
    user_id: str, grant_id: str | None, found: Record | Tombstone | None, now: float, rotation: Rotation
) -> Admission:
    """Judge the session behind a good access token: the record must hold the grant that the token names.

    With None any session of the user will do, for a service that also takes what the app issues itself.
    """
    if isinstance(found, Tombstone):
        return Admission(Verdict.REFUSE, found.reason)
    if found is None or found.user_id != user_id:
        return plan.UNKNOWN
    if found.has_expired(now, rotation.tolerance):
        return Admission(Verdict.REFUSE, found.timeout)
    if grant_id is not None and kept.find(found.grants, grant_id) is None:
        return GONE
    return _ADMITTED
