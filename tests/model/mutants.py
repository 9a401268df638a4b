"""The rules of the protocol, each broken in turn: the search must notice every one of them.

A mutant is either a rule of the server turned off (`Rules`), or a line of the core rewritten.
"""

from collections.abc import Callable
from dataclasses import dataclass

import msgspec
import pytest

from coatcheck.core import plan
from coatcheck.core.chain import Chain, Standing
from coatcheck.core.lifetimes import Rotation
from coatcheck.core.token import Token
from tests.model.symbols import AS_WRITTEN, Rules

Patch = Callable[[pytest.MonkeyPatch], None]
STANDING, COMMIT, AUTHENTICATE, OFFER_DUE = Chain.standing, Chain.commit, Chain.authenticate, Chain.offer_due
RENEWED = Token.renewed


@dataclass(frozen=True)
class Mutant:
    """A broken rule, the property that breaks with it, and a small world in which it shows."""

    rule: str
    breaks: str
    world: str
    rules: Rules = AS_WRITTEN
    patch: Patch = lambda monkeypatch: None


def taken_for(standing: Standing, other: Standing) -> Patch:
    """A row of the table replaced by another row."""

    def standing_of(chain, token, now, rotation):
        right = STANDING(chain, token, now, rotation)
        return other if right is standing else right

    return lambda monkeypatch: monkeypatch.setattr(Chain, "standing", standing_of)


def _previous_for_ever(monkeypatch):
    def standing_of(chain, token, now, rotation):
        right = STANDING(chain, token, now, rotation)
        return Standing.PREVIOUS if right is Standing.RETIRED and chain.is_one_step_back(token) else right

    monkeypatch.setattr(Chain, "standing", standing_of)


def _no_tolerance(monkeypatch):
    monkeypatch.setattr(Rotation, "grace", property(lambda rotation: rotation.overlap))


def _offers(due):
    return lambda monkeypatch: monkeypatch.setattr(Chain, "offer_due", due)


def _previous_is_offered(monkeypatch):
    def may_offer(visit, record, now, rotation):
        standing = record.chain.standing(visit.token, now, rotation)
        if standing is Standing.PREVIOUS:
            return True
        return standing is Standing.CURRENT and record.chain.offer_due(now, rotation)

    monkeypatch.setattr(plan, "may_offer", may_offer)


def _commits(**fields):
    def commit(chain, token, now, next_key):
        after = COMMIT(chain, token, now, next_key)
        given = {name: value(chain, after) for name, value in fields.items()}
        return msgspec.structs.replace(after, **given)

    return lambda monkeypatch: monkeypatch.setattr(Chain, "commit", commit)


def _authenticates(**fields):
    def authenticate(chain, token, now, next_key):
        after = AUTHENTICATE(chain, token, now, next_key)
        given = {name: value(chain, after) for name, value in fields.items()}
        return msgspec.structs.replace(after, **given)

    return lambda monkeypatch: monkeypatch.setattr(Chain, "authenticate", authenticate)


def _family_stays(monkeypatch):
    def renewed(token, generation, entropy):
        return Token(RENEWED(token, generation, entropy).raw[:36] + token.raw[36:])

    monkeypatch.setattr(Token, "renewed", renewed)


def _barrier_is_a_generation(monkeypatch):
    """The first design: one family for ever, and a generation that a token only claims."""

    def standing_of(chain, token, now, rotation):
        right = STANDING(chain, token, now, rotation)
        barrier = int.from_bytes(chain.former_family_digest or b"", "big")
        return Standing.FORMER if right is Standing.RETIRED and token.generation < barrier else right

    _family_stays(monkeypatch)
    monkeypatch.setattr(Chain, "standing", standing_of)
    monkeypatch.setattr(
        Chain, "renewal", lambda chain, token, entropy: token.renewed(chain.generation + 2, entropy)
    )
    _authenticates(former_family_digest=lambda chain, after: after.generation.to_bytes(32, "big"))(
        monkeypatch
    )


def _next_never_commits(monkeypatch):
    def draw(visit, entropy):
        return None if visit.authenticated is None else original(visit, entropy)

    original = plan.draw
    monkeypatch.setattr(plan, "draw", draw)


MUTANTS = [
    # each row of the table
    Mutant(
        "current is admitted",
        "1",
        "rotation with three tabs",
        patch=taken_for(Standing.CURRENT, Standing.AHEAD),
    ),
    Mutant(
        "next is admitted", "1", "rotation with three tabs", patch=taken_for(Standing.NEXT, Standing.AHEAD)
    ),
    Mutant("next is committed", "2", "rotation with three tabs", patch=_next_never_commits),
    Mutant(
        "previous is admitted within the overlap",
        "1",
        "rotation with three tabs",
        patch=taken_for(Standing.PREVIOUS, Standing.RETIRED),
    ),
    Mutant(
        "previous is not refused either",
        "1",
        "rotation with three tabs",
        patch=taken_for(Standing.PREVIOUS, Standing.FORMER),
    ),
    Mutant("previous is admitted no longer than the overlap", "2", "thief", patch=_previous_for_ever),
    Mutant("superseded never ends", "1", "revocation", patch=taken_for(Standing.FORMER, Standing.RETIRED)),
    Mutant(
        "superseded is refused",
        "2",
        "thief and re-authentication",
        patch=taken_for(Standing.FORMER, Standing.CURRENT),
    ),
    Mutant(
        "a lost re-authentication accuses nobody",
        "1",
        "failover and re-authentication",
        patch=taken_for(Standing.FOREIGN, Standing.RETIRED),
    ),
    Mutant("what runs ahead is refused", "2", "thief", patch=taken_for(Standing.AHEAD, Standing.CURRENT)),
    Mutant("reuse ends the session", "2", "thief", patch=taken_for(Standing.RETIRED, Standing.FORMER)),
    Mutant("reuse raises the alarm", "2", "thief", patch=taken_for(Standing.RETIRED, Standing.FOREIGN)),
    Mutant("reuse is refused", "2", "thief", patch=taken_for(Standing.RETIRED, Standing.PREVIOUS)),
    Mutant(
        "a stranger ends nothing",
        "1",
        "rotation with three tabs",
        patch=taken_for(Standing.FOREIGN, Standing.RETIRED),
    ),
    Mutant("a reuse whose end fails is refused", "2", "thief", Rules(refuse_if_end_fails=False)),
    # offers
    Mutant("the successor is derived", "1", "rotation with three tabs", Rules(derived_successor=False)),
    Mutant(
        "an offer needs a fresh read", "1", "failover and re-authentication", Rules(offer_on_fresh_read=False)
    ),
    Mutant("an offer needs the current token", "1", "rotation with three tabs", patch=_previous_is_offered),
    Mutant(
        "no offer before the overlap is over",
        "1",
        "role change elsewhere",
        patch=_offers(lambda chain, now, rotation: chain.due or OFFER_DUE(chain, now, rotation)),
    ),
    Mutant(
        "an offer is due at last",
        "2",
        "rotation with three tabs",
        patch=_offers(lambda chain, now, rotation: False),
    ),
    # commits
    Mutant("commit on first use", "1", "rotation with three tabs", Rules(commit_on_first_use=False)),
    Mutant("compare-and-set on the digest", "1", "revocation", Rules(compare_and_set=False)),
    Mutant("the loser is judged again", "2", "thief and re-authentication", Rules(judge_losers_again=False)),
    Mutant("the loser gets nothing", "1", "failover and re-authentication", Rules(losers_get_nothing=False)),
    Mutant(
        "a commit remembers the previous",
        "1",
        "rotation with three tabs",
        patch=_commits(previous_digest=lambda chain, after: None),
    ),
    Mutant(
        "a commit keeps the former family",
        "2",
        "thief and re-authentication",
        patch=_commits(former_family_digest=lambda chain, after: None),
    ),
    # re-authentication
    Mutant(
        "a fresh token, never the derived one", "2", "thief and re-authentication", Rules(fresh_renewal=False)
    ),
    Mutant("a new family", "1", "revocation", patch=_family_stays),
    Mutant(
        "the family tells what is former, not the generation",
        "2",
        "thief and re-authentication",
        patch=_barrier_is_a_generation,
    ),
    Mutant(
        "the former family is remembered",
        "1",
        "revocation",
        patch=_authenticates(former_family_digest=lambda chain, after: chain.former_family_digest),
    ),
    # clocks, caches, ends
    Mutant(
        "the tolerance is part of the overlap", "1", "skewed clocks and a stale cache", patch=_no_tolerance
    ),
    Mutant("a cached record may only admit", "1", "revocation", Rules(cached_may_only_admit=False)),
    Mutant(
        "who authenticated again asks past the cache",
        "1",
        "re-authentication amid a flood",
        Rules(who_authenticated_asks_past_the_cache=False),
    ),
    Mutant("a save never revives", "4", "revocation", Rules(save_never_revives=False)),
]
