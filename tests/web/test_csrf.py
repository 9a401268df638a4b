"""The whole truth table of protocol.md section 5."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coatcheck import ConfigurationError
from coatcheck.core.chain import start
from coatcheck.core.record import Record
from coatcheck.core.token import mint
from coatcheck.testing import SeededEntropy
from coatcheck.web import csrf
from coatcheck.web.csrf import Standing
from coatcheck.web.fields import collect
from coatcheck.web.origin import OriginPolicy, of_request, parse

SITES = [
    None,
    "same-origin",
    "none",
    "same-site",
    "cross-site",
    "banana",
    "Same-Origin",
    "same-origin, cross-site",
]
ORIGINS = [
    None,
    "https://app.test",
    "https://app.test:443",
    "https://partner.test",
    "https://evil.test",
    "null",
    "",
    "https://app.test.evil",
    "https://evilapp.test",
    "http://app.test",
    "https://app.test:8443",
    "https://APP.test",
    "https://app.test/",
    "https://app.test https://evil.test",
    "https://user@app.test",
    "https://app.test, null",
]
OURS = {"https://app.test", "https://app.test:443", "https://APP.test"}
PARTNER = "https://partner.test"
TOKENS = ["none", "right", "wrong", "both"]


def make_record(seed=0):
    entropy = SeededEntropy(seed)
    token = mint(entropy)
    return Record(
        id=token.id,
        chain=start(token, 0, b"k"),
        csrf_key=entropy.token_bytes(32),
        created_at=0,
        last_seen_at=0,
        idle=60,
        absolute_at=60,
    )


RECORD, OTHER = make_record(), make_record(1)
PRESENTED = {
    "none": [],
    "right": [csrf.token(RECORD).encode()],
    "wrong": [csrf.token(OTHER).encode()],
    "both": [csrf.token(RECORD).encode(), csrf.token(OTHER).encode()],
}


def expected(site, origin, trusted, session, token):
    """The rule in its own words, written apart from the code."""
    if session and token in ("wrong", "both"):
        return False
    is_partner = trusted and origin == PARTNER
    if site in ("same-origin", "none"):
        return True
    if site in ("same-site", "cross-site"):
        return is_partner
    if origin is not None:
        return origin in OURS or is_partner
    return not session or token == "right"


@pytest.mark.parametrize("configured", [True, False])
@pytest.mark.parametrize("trusted", [True, False])
def test_the_whole_truth_table(configured, trusted):
    policy = OriginPolicy(
        public="https://app.test" if configured else None, trusted=frozenset({PARTNER} if trusted else ())
    )
    host = "inner.local" if configured else "app.test"
    for site, origin, session, token in product(SITES, ORIGINS, [True, False], TOKENS):
        named = {"host": host, "sec-fetch-site": site, "origin": origin}
        fields = collect([(k.encode(), v.encode()) for k, v in named.items() if v is not None])
        standing = csrf.standing_of(fields, policy, "https")
        passed = csrf.passes(standing, RECORD if session else None, PRESENTED[token])
        assert passed is expected(site, origin, trusted, session, token), (site, origin, session, token)


def test_two_origin_fields_are_no_origin_of_ours():
    fields = collect(
        [(b"host", b"app.test"), (b"origin", b"https://app.test"), (b"origin", b"https://app.test")]
    )
    assert csrf.standing_of(fields, OriginPolicy(), "https") is Standing.THEIRS


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ([], Standing.SILENT),
        ([(b"origin", b"https://app.test")], Standing.OURS),
        ([(b"origin", b"https://evil.test"), (b"sec-fetch-site", b"same-origin")], Standing.THEIRS),
    ],
)
def test_a_websocket_is_judged_by_its_origin_alone(fields, expected):
    fields = collect([(b"host", b"app.test"), *fields])
    assert csrf.by_origin(fields, OriginPolicy(), "wss") is expected


def test_the_token_belongs_to_the_session_and_to_nothing_else():
    assert csrf.token(RECORD) == csrf.token(RECORD)
    assert csrf.token(RECORD) != csrf.token(OTHER)
    assert len(csrf.token(RECORD)) == 43


@pytest.mark.parametrize(
    ("body", "tokens"),
    [
        (b"", []),
        (b"csrf_token=abc", [b"abc"]),
        (b"a=1&csrf_token=abc&b=2", [b"abc"]),
        (b"xcsrf_token=abc", []),
        (b"a=csrf_token=abc", []),
        (b"csrf_token=a&csrf_token=b", [b"a", b"b"]),
        (b"csrf_token=", [b""]),
    ],
)
def test_every_token_in_a_form_is_found(body, tokens):
    assert csrf.body_tokens({b"content-type": b"application/x-www-form-urlencoded"}, body) == tokens


@pytest.mark.parametrize(
    ("head", "tokens"),
    [
        (b'Content-Disposition: form-data; name="csrf_token"', [b"abc"]),
        (b'content-disposition: form-data; name="csrf_token"\r\nContent-Type: text/plain', [b"abc"]),
        (b'Content-Disposition: form-data; name="note"', []),
        (b'Content-Disposition: form-data; name="note"\r\n\r\nname="csrf_token"', []),
    ],
)
def test_a_token_in_a_multipart_form_is_found(head, tokens):
    body = b"--x\r\n" + head + b"\r\n\r\nabc\r\n--x--\r\n"
    assert csrf.body_tokens({b"content-type": b"multipart/form-data; boundary=x"}, body) == tokens


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("https://app.test", ("https", "app.test", 443)),
        ("HTTP://App.Test:8080", ("http", "app.test", 8080)),
        ("https://[::1]:8443", ("https", "[::1]", 8443)),
        ("null", None),
        ("https://", None),
        ("https://app.test/x", None),
        ("https://a b", None),
        ("//app.test", None),
    ],
)
def test_an_origin_is_scheme_host_and_port(text, origin):
    assert parse(text) == origin


@given(st.text(max_size=30))
def test_no_text_breaks_the_origin_parser(text):
    parsed = parse(text)
    assert parsed is None or parsed[1] == parsed[1].lower()


def test_a_request_s_own_origin_follows_its_scheme():
    assert of_request("wss", "app.test") == of_request("https", "app.test:443")


@pytest.mark.parametrize("options", [{"public": "app.test"}, {"trusted": frozenset({"*"})}])
def test_a_policy_names_whole_origins(options):
    with pytest.raises(ConfigurationError):
        OriginPolicy(**options)


@pytest.mark.parametrize(
    ("value", "is_form", "may_carry"),
    [
        (b"application/x-www-form-urlencoded; charset=utf-8", True, True),
        (b"Multipart/Form-Data; boundary=x", False, True),
        (b"application/json", False, False),
        (b"", False, False),
    ],
)
def test_forms_of_both_kinds_may_carry_a_token(value, is_form, may_carry):
    fields = {b"content-type": value}
    assert (csrf.is_form(fields), csrf.may_carry_token(fields)) == (is_form, may_carry)


def test_looking_through_a_multipart_form_takes_one_pass():
    part = b'--x\r\nContent-Disposition: form-data; name="csrf_token"\r\n'
    fields = {b"content-type": b"multipart/form-data; boundary=x"}
    assert csrf.body_tokens(fields, part * 1000) == [b""] * 1000
    assert csrf.body_tokens({b"content-type": b"multipart/form-data"}, part) == []
