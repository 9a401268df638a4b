"""A53 and A54: somebody writes into the store, or reads it."""

import base64
import contextlib
import hashlib
import os
import pickle
import time

import msgspec
import pytest

from tests.attack.wire import NAVIGATION

pytestmark = pytest.mark.attack

ROTATE = 15 * 60
DIGEST = 32


class Gadget:
    """Unpickled, it makes a file: proof that somebody's bytes were executed."""

    def __init__(self, proof):
        self.proof = str(proof)

    def __reduce__(self):
        return (os.mkdir, (self.proof,))


def fields(server, id):
    """The fields of a stored record."""
    (row,) = server.database.read("SELECT record FROM coatcheck_sessions WHERE id = ?", id)
    return msgspec.msgpack.decode(row["record"])


def poison(server, id, record):
    """Replace a stored record; a mapping is encoded first."""
    raw = msgspec.msgpack.encode(record) if isinstance(record, dict) else record
    assert server.database.write("UPDATE coatcheck_sessions SET record = ? WHERE id = ?", raw, id) == 1


def with_field(*path, value):
    """Return a poison that replaces one field of a record."""

    def change(record):
        place = record
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value
        return record

    return change


WRONG = {
    "text": lambda record: "{}",
    "a number": lambda record: 7,
    "nothing": lambda record: None,
    "no bytes": lambda record: b"",
    "JSON": lambda record: msgspec.json.encode({"id": record["id"], "identity": {"user_id": "root"}}),
    "a list": lambda record: msgspec.msgpack.encode([1, 2, 3]),
    "an extension": lambda record: msgspec.msgpack.encode(msgspec.msgpack.Ext(5, pickle.dumps(object()))),
    "no chain": with_field("chain", value=None),
    "a chain of text": with_field("chain", value="current"),
    "a digest of text": with_field("chain", "digest", value="A" * DIGEST),
    "a digest cut short": with_field("chain", "digest", value=b"A"),
    "an empty family": with_field("chain", "family_digest", value=b""),
    "a generation of text": with_field("chain", "generation", value="1"),
    "a deadline of text": with_field("absolute_at", value="never"),
    "no deadline": with_field("absolute_at", value=None),
    "an endless deadline": with_field("absolute_at", value=float("inf")),
    "a deadline that is no number": with_field("absolute_at", value=float("nan")),
    "an idle timeout that is no number": with_field("idle", value=float("nan")),
    "a rotation that is no number": with_field("chain", "committed_at", value=float("nan")),
    "a flag for a deadline": with_field("idle", value=True),
    "an identity of text": with_field("identity", value="root"),
    "roles of text": with_field("identity", "roles", value="admin"),
    "an identity of numbers": with_field("identity", "user_id", value=0),
    "data that is a list": with_field("data", value=b"[]"),
    "data that is no JSON": with_field("data", value=b"{"),
    "data of text": with_field("data", value="{}"),
    "data too deep": with_field("data", value=b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a53_rows_of_wrong_types(target, user, signed_in, what):
    """A row with a value of the wrong type: no session and an alert, and nobody else is hurt."""
    poison(target, signed_in.id, WRONG[what](fields(target, signed_in.id)))
    assert_harmless(target, user, signed_in)


def assert_harmless(server, user, victim):
    """A poisoned row signs nobody in, is told, and stands in nobody's way."""
    answer = server.request("GET", "/me", token=victim.token)
    assert (answer.status, answer.token) == (401, None)
    assert server.request("GET", "/notes", token=victim.token).json() == {}
    assert server.request("POST", "/notes", server.own_page, token=victim.token, json={"a": 1}).status < 500
    assert [event for event in server.events("record.corrupt") if event["session_id"] == victim.id]
    again = server.sign_in(user)
    listed = server.request("GET", "/auth/sessions", token=again.token).json()["sessions"]
    assert victim.id not in {session["id"] for session in listed}
    server.operate("set_roles", user_id=user.user_id, roles=["admin"])
    assert server.request("GET", "/admin", token=again.token).status == 200
    server.operate("revoke_user", user_id=user.user_id)
    assert server.request("GET", "/me", token=again.token).status == 401


def test_a53_pickle_gadget(target, user, tmp_path):
    """A pickle gadget wherever bytes or text are stored: nothing is executed."""
    gadget = pickle.dumps(Gadget(tmp_path / "executed"))
    places = {
        "the row": lambda record: gadget,
        "the data": with_field("data", value=gadget),
        "a value": with_field("data", value=msgspec.json.encode({"a": base64.b64encode(gadget).decode()})),
        "the identity": with_field("identity", value=gadget),
        "the digest": with_field("chain", "digest", value=gadget[:DIGEST]),
    }
    for what, change in places.items():
        victim = target.sign_in(user)
        poison(target, victim.id, change(fields(target, victim.id)))
        assert target.request("GET", "/notes", token=victim.token).status == 200, what
        assert target.request("GET", "/me", token=victim.token).status in {200, 401}, what
    assert list(tmp_path.iterdir()) == []
    pickle.loads(gadget)  # noqa: S301 - the gadget does work where somebody unpickles it
    assert [path.name for path in tmp_path.iterdir()] == ["executed"]


def test_a53_truncated_rows(target, user, signed_in):
    """A row cut short anywhere: no session and an alert."""
    (row,) = target.database.read("SELECT record FROM coatcheck_sessions WHERE id = ?", signed_in.id)
    whole = row["record"]
    with target.connect() as connection:
        for length in range(0, len(whole), 7):
            poison(target, signed_in.id, whole[:length])
            assert connection.request("GET", "/me", token=signed_in.token).status == 401, length
        poison(target, signed_in.id, whole + b"\0")
        assert connection.request("GET", "/me", token=signed_in.token).status == 401
        poison(target, signed_in.id, whole)
        assert connection.request("GET", "/me", token=signed_in.token).status == 200
    poison(target, signed_in.id, whole[: len(whole) // 2])
    assert_harmless(target, user, signed_in)


def test_a53_huge_data(target, signed_in):
    """Huge JSON: served or not, in bounded time, and without a fault."""
    huge = msgspec.json.encode({"a": "x" * 20_000_000})
    poison(target, signed_in.id, with_field("data", value=huge)(fields(target, signed_in.id)))
    began = time.monotonic()
    assert target.request("GET", "/me", token=signed_in.token).status in {200, 401}
    assert time.monotonic() - began < 5
    assert target.request("GET", "/").status == 200


def test_a53_row_copied_under_anothers_key(target, user):
    """The victim's row under the attacker's key, as it is or made to fit: no session of the victim."""
    victim, attacker = target.sign_in(user), target.sign_in(target.new_user())
    stolen = fields(target, victim.id)
    poison(target, attacker.id, stolen)
    assert target.request("GET", "/me", token=attacker.token).status == 401
    assert [event for event in target.events("record.corrupt") if event["session_id"] == attacker.id]
    poison(target, attacker.id, {**stolen, "id": attacker.id})
    assert target.request("GET", "/me", token=attacker.token).code == "unknown_token"
    assert target.request("GET", "/me", token=victim.token).json()["email"] == user.email


def leaves(value):
    """Every string and number in a stored value, decoded as far as it can be."""
    if isinstance(value, bytes):
        yield value
        for decode in (msgspec.msgpack.decode, msgspec.json.decode):
            with contextlib.suppress(msgspec.MsgspecError, UnicodeDecodeError):
                decoded = decode(value)
                if not isinstance(decoded, int | float):  # any byte is a number in one of the two
                    yield from leaves(decoded)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(key)
            yield from leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item)
    elif value is not None:
        yield str(value).encode()


def spellings(value):
    """A value in every encoding that could make a cookie of it, cut and filled to the length as well."""
    raws = {value, hashlib.sha256(value).digest()}
    with contextlib.suppress(ValueError):
        raws.add(bytes.fromhex(value.decode("ascii")))
    for raw in raws:
        for text in (raw, raw.hex().encode(), base64.urlsafe_b64encode(raw), base64.b64encode(raw)):
            yield text
            yield text.ljust(64, b"A")[:64]
        yield base64.urlsafe_b64encode(raw.ljust(48, b"\0")[:48])


def tokens_from(record):
    """What a reader who knows the form of a token would put together."""
    chain = record["chain"]
    generation = chain["generation"].to_bytes(4, "big")
    for secret in (chain["digest"], chain["next_digest"], chain["next_key"], record["csrf_key"]):
        for family in (chain["family_digest"], chain["digest"], record["csrf_key"]):
            for start in (bytes.fromhex(record["id"]), bytes.fromhex(record["id"])[:16]):
                yield base64.urlsafe_b64encode(start + generation + secret[:16] + family[:12])


def test_a54_database_dump_as_cookies(own_target):
    """Every value of a dump, in every encoding, as a cookie: none is a credential, none a false alarm."""
    user = own_target.new_user()
    victim, other = own_target.sign_in(user), own_target.sign_in(own_target.new_user(), remember=True)
    own_target.request("POST", "/notes", json={"anonymous": True})
    own_target.advance(ROTATE + 1)
    current = own_target.request("GET", "/me", NAVIGATION, token=victim.token).token
    assert own_target.request("GET", "/me", NAVIGATION, token=current).status == 200

    values = {leaf for value in own_target.database.dump() for leaf in leaves(value)}
    cookies = {spelling for value in values for spelling in spellings(value)}
    cookies |= {token for id in (victim.id, other.id) for token in tokens_from(fields(own_target, id))}
    assert len(cookies) > 1_000
    with own_target.connect() as connection:
        for cookie in cookies:
            if any(byte < 32 or byte in b";\x7f" for byte in cookie):
                continue  # not even HTTP; A10 sends such
            answer = connection.request("GET", "/me", [("Cookie", b"__Host-session=" + cookie)])
            assert (answer.status, answer.token) == (401, None)

    assert own_target.events("token.reused", "session.ended", "store.rolled_back") == []
    assert own_target.request("GET", "/me", token=current).status == 200
    written = b"".join(path.read_bytes() for path in own_target.folder.glob("target.db*"))
    for token in (victim.token, current, other.token):
        raw = base64.urlsafe_b64decode(token)
        assert token.encode() not in written
        assert raw[20:36] not in written
        assert raw[36:] not in written
