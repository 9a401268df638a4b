"""Who sent a request: worked out where somebody asks, and shown to nobody."""

import pytest

from coatcheck.web.fields import Sender

HEADERS = [(b"user-agent", b"caf\xe9/1.0"), (b"x-request-id", b"r-1"), (b"accept", b"a"), (b"accept", b"b")]


def test_what_a_sender_says_of_itself():
    sender = Sender(HEADERS, ("192.0.2.1", 50123))
    assert (sender.ip, sender.user_agent, sender.request_id) == ("192.0.2.1", "café/1.0", "r-1")
    assert sender.fields[b"accept"] == b"a, b"
    assert sender.fields is sender.fields


def test_a_sender_of_whom_nothing_is_known():
    sender = Sender([])
    assert (sender.ip, sender.user_agent, sender.request_id) == ("", "", "")


@pytest.mark.parametrize("id", [b"", b"a b", b"a\nb", b"x" * 65, b"caf\xe9"])
def test_an_id_that_could_harm_a_log_is_none(id):
    assert Sender([(b"x-request-id", id)]).request_id == ""


def test_its_repr_shows_no_credential():
    assert repr(Sender([(b"cookie", b"__Host-session=secret")], ("192.0.2.1", 1))) == "<Sender at 192.0.2.1>"
