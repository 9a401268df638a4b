"""Connections that stay open while their session does not: A47 and A48, whichever worker holds them."""

import contextlib
import json
import time

import pytest

from tests.attack.wire import HANDSHAKE

pytestmark = pytest.mark.attack

BOUND = 1.0  # seconds from the acknowledged act to the end of what stood open
SLACK = 1.0  # seconds more for a machine that is busy
FOREIGN = "https://evil.test"
CLOSE = 0x88  # RFC 6455 5.5.1: a whole frame that closes
SESSION_OVER = 4401


class Stream:
    """One open event stream on one connection, read as text."""

    def __init__(self, connection, token):
        self._connection = connection
        connection.start("GET", "/auth/events", token=token)
        self._text = ""
        self._read_to("event: session")

    def end(self):
        """Return the reason that the stream ends with, once it has ended."""
        self._read_to("\r\n0\r\n\r\n")
        _, _, told = self._text.partition("event: ended\ndata: ")
        return json.loads(told.partition("\n")[0])["reason"] if told else None

    def _read_to(self, mark):
        while mark not in self._text:
            more = self._connection.read_some()
            assert more, f"closed before {mark!r}: {self._text}"
            self._text += more.decode()


def open_socket(connection, target, token, path="/live"):
    """Shake hands from a page of the site; the socket is open afterwards."""
    assert connection.request("GET", path, [*HANDSHAKE, *target.own_page], token=token).status == 101


def closing_of(connection):
    """Read a socket until the server closes it; return code and reason."""
    got = b""
    while True:
        if got[:1] == bytes([CLOSE]) and len(got) >= 2 + got[1]:
            return int.from_bytes(got[2:4]), got[4 : 2 + got[1]].decode()
        more = connection.read_some()
        assert more, f"cut without a word: {got!r}"
        got += more


@contextlib.contextmanager
def within_the_bound():
    began = time.monotonic()
    yield
    assert time.monotonic() - began < BOUND + SLACK


ENDS = [
    ("revoke_user", "revoked"),
    ("disable", "user_disabled"),
    ("remove", "revoked"),
]


@pytest.mark.parametrize(("act", "reason"), ENDS)
def test_a48_streams_and_sockets_after_a_revocation(target, user, signed_in, act, reason):
    """Attack: SSE/WebSocket kept after revocation (A47: user disabled or deleted mid-stream).
    Expected: closed within the bound, in both workers, with the reason."""
    with target.both() as streaming, target.both() as talking:
        streams = [Stream(worker, signed_in.token) for worker in streaming]
        for worker in talking:
            open_socket(worker, target, signed_in.token)
        target.operate(act, user_id=user.user_id)
        with within_the_bound():
            assert [stream.end() for stream in streams] == [reason, reason]
            assert [closing_of(worker) for worker in talking] == [(SESSION_OVER, reason)] * 2
    again = target.request("GET", "/auth/events", token=signed_in.token)
    assert (again.status, again.code) == (401, reason)
    handshake = target.request("GET", "/live", [*HANDSHAKE, *target.own_page], token=signed_in.token)
    assert (handshake.status, handshake.code) == (401, reason)


def test_a48_one_browser_ends_the_stream_of_another(target, user, signed_in):
    """The same by the user's own hand: only the revoked session's stream ends."""
    other = target.sign_in(user)
    with target.both() as (first, second), target.connect() as spared:
        streams = [Stream(worker, other.token) for worker in (first, second)]
        mine = Stream(spared, signed_in.token)
        ended = target.request("DELETE", f"/auth/sessions/{other.id}", target.own_page, token=signed_in.token)
        assert ended.status == 204
        with within_the_bound():
            assert [stream.end() for stream in streams] == ["revoked", "revoked"]
        out = target.request("POST", "/auth/logout", target.own_page, token=signed_in.token)
        assert out.status == 204
        assert mine.end() == "logged_out"


def test_a48_a_socket_of_admins_after_a_demotion(target):
    """A socket whose route asks for a role is closed when the role is gone, though the session lives."""
    admin = target.new_user("admin")
    own = target.sign_in(admin)
    with target.both() as workers:
        for worker in workers:
            open_socket(worker, target, own.token, "/admin/live")
        target.operate("set_roles", user_id=admin.user_id, roles=[])
        with within_the_bound():
            assert [closing_of(worker) for worker in workers] == [(SESSION_OVER, "role_required")] * 2
    assert target.peek(own.token)["session"]["user"]["roles"] == []


@pytest.mark.parametrize("origin", [FOREIGN, "null", "https://localhost.evil.test", "http://localhost"])
def test_a48_handshake_of_another_site(target, signed_in, origin):
    """Attack: WebSocket handshake with a bad Origin. Expected: 403, and no socket."""
    response = target.request("GET", "/live", [*HANDSHAKE, ("Origin", origin)], token=signed_in.token)
    assert (response.status, response.code) == (403, "cross_origin")


def test_a48_a_ticket_used_again(target, user, signed_in):
    """Attack: a reused ws ticket. Expected: 401. There are no tickets beside the session's token: one
    that its session has outlived opens neither a socket nor a stream."""
    out = target.request("POST", "/auth/logout", target.own_page, token=signed_in.token)
    assert out.status == 204
    for path, extra in (("/live", [*HANDSHAKE, *target.own_page]), ("/auth/events", [])):
        response = target.request("GET", path, extra, token=signed_in.token)
        assert (response.status, response.code) == (401, "logged_out")


def test_a48_a_stream_is_never_activity(target, signed_in):
    """A stream that was open all the time has kept nobody signed in."""
    before = target.peek(signed_in.token)["session"]
    with target.connect() as connection:
        Stream(connection, signed_in.token)
    after = target.peek(signed_in.token)["session"]
    assert after["last_seen_at"] == before["last_seen_at"]
