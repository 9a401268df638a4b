"""The record and its tombstone."""

import msgspec
import pytest
from hypothesis import given

from coatcheck.core.reason import Reason
from coatcheck.core.record import Record, Tombstone
from tests.core.support import T0, make_record, moments


@pytest.mark.parametrize(
    ("seen_at", "accepted"),
    [(T0 - 1, False), (T0, False), (T0 + 0.001, True), (T0 + 1800, True), (T0 + 1800.001, False)],
)
def test_a_touch_is_news_of_a_living_session(seen_at, accepted):
    record = make_record()
    assert record.accepts_touch(seen_at) is accepted
    after = record.touched(seen_at)
    assert (after is not None) is accepted
    if after:
        assert after == msgspec.structs.replace(record, last_seen_at=seen_at, rev=2)


@pytest.mark.parametrize(("late", "past"), [(-1, False), (0, False), (5, False), (5.001, True)])
def test_a_deadline_is_past_when_every_honest_clock_agrees(late, past):
    assert make_record().has_expired(T0 + 1800 + late, tolerance=5.0) is past


@pytest.mark.parametrize("name", ["created_at", "last_seen_at", "idle", "absolute_at"])
@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_deadline_that_never_comes_cannot_be_stored(name, value):
    spoilt = msgspec.msgpack.encode(
        msgspec.to_builtins(make_record(), builtin_types=(bytes,)) | {name: value}
    )
    with pytest.raises(msgspec.ValidationError, match="finite"):
        msgspec.msgpack.decode(spoilt, type=Record)


@given(first=moments, second=moments)
def test_touches_are_monotonic(first, second):
    record = make_record()
    for seen_at in (first, second):
        after = record.touched(seen_at) or record
        assert record.last_seen_at <= after.last_seen_at <= record.expires_at
        record = after


def test_an_end_leaves_why_and_no_credential():
    record = make_record(data=b'{"a":1}')
    stone = record.entomb(Reason.REVOKED, T0 + 5)
    assert stone == Tombstone(
        id=record.id,
        reason=Reason.REVOKED,
        at=T0 + 5,
        user_id="u-ada",
        family_digest=record.chain.family_digest,
    )
    assert make_record(identity=None).entomb(Reason.EVICTED, T0).user_id is None


def test_a_record_names_its_user():
    assert make_record().user_id == "u-ada"
    assert make_record(identity=None).user_id is None


def test_a_record_is_frozen():
    with pytest.raises(AttributeError):
        make_record().data = b"{}"


def test_a_record_in_a_log_shows_nothing_that_matters():
    record = make_record(data=b'{"secret":"swordfish"}')
    shown = f"{record!r} {record.chain!r}"
    assert record.id in shown
    for hidden in (
        "swordfish",
        repr(record.csrf_key),
        repr(record.chain.next_key),
        repr(record.chain.digest),
    ):
        assert hidden not in shown
