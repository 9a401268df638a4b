import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coatcheck import ConfigurationError
from coatcheck.web.cookie import Cookie, CookieFault, CookiePolicy
from coatcheck.web.fields import collect

NAME = "__Host-session"
TOKEN = "abcDEF-_" * 8
COOKIE = CookiePolicy().session_cookie()


def read(*fields):
    return COOKIE.read(collect([(b"cookie", field.encode("latin-1")) for field in fields]).get(b"cookie"))


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ([], None),
        ([""], None),
        ([f"{NAME}={TOKEN}"], TOKEN),
        ([f"a=b; {NAME}={TOKEN}; c=d"], TOKEN),
        ([f"a=b;{NAME}={TOKEN}"], TOKEN),
        (["a=b", f"{NAME}={TOKEN}"], TOKEN),
        ([f"bad[]=1; {NAME}={TOKEN}"], TOKEN),
        ([f'bad="; {NAME}={TOKEN}'], TOKEN),
        ([f"=; ;;{NAME}={TOKEN}; ="], TOKEN),
        ([f"\x00\xff=1; {NAME}={TOKEN}"], TOKEN),
        ([f"x={NAME}={TOKEN}"], None),
        ([f"={NAME}={TOKEN}"], None),
        ([f"x{NAME}={TOKEN}"], None),
        ([f" {NAME}={TOKEN}"], None),
        ([f"a=b;  {NAME}={TOKEN}"], None),
        ([f"{NAME.lower()}={TOKEN}"], None),
        ([f"{NAME.upper()}={TOKEN}"], None),
        ([f"{NAME} ={TOKEN}"], None),
        ([f"{NAME}; a=b"], None),
        ([f"x={NAME}={TOKEN}; {NAME}={TOKEN}"], TOKEN),
        ([f"{NAME}={TOKEN}; {NAME}=evil"], CookieFault.DUPLICATE),
        ([f"{NAME}=evil; {NAME}={TOKEN}"], CookieFault.DUPLICATE),
        ([f"{NAME}={TOKEN}", f"{NAME}={TOKEN}"], CookieFault.DUPLICATE),
        ([f"{NAME}="], CookieFault.MALFORMED),
        ([f"{NAME}={TOKEN[:-1]}"], CookieFault.MALFORMED),
        ([f"{NAME}={TOKEN}x"], CookieFault.MALFORMED),
        ([f"{NAME}={TOKEN} "], CookieFault.MALFORMED),
        ([f'{NAME}="{TOKEN[2:]}"'], CookieFault.MALFORMED),
        ([f"{NAME}={TOKEN[:-1]}\n"], CookieFault.MALFORMED),
        ([f"{NAME}={TOKEN[:-1]}="], CookieFault.MALFORMED),
        ([f"{NAME}={'é' * 64}"], CookieFault.MALFORMED),
        ([f"{NAME}={'x' * 1_000_000}"], CookieFault.MALFORMED),
    ],
)
def test_exactly_one_cookie_of_exactly_this_name_and_form_is_read(fields, expected):
    assert read(*fields) == expected


def naive(field):
    found = []
    for i, pair in enumerate(field.split(";")):
        name, equals, value = (pair[1:] if i and pair.startswith(" ") else pair).partition("=")
        if equals and name == NAME:
            found.append(value)
    if not found:
        return None
    if len(found) > 1:
        return CookieFault.DUPLICATE
    fine = len(found[0]) == 64 and all(c.isascii() and (c.isalnum() or c in "-_") for c in found[0])
    return found[0] if fine else CookieFault.MALFORMED


pieces = st.sampled_from(
    [NAME, "=", ";", "; ", " ", TOKEN, TOKEN[:63], "x", '"', "\xff", NAME.lower(), ",", "__Host-"]
)


@given(st.lists(pieces, max_size=12).map("".join))
def test_the_reader_agrees_with_a_naive_one(field):
    assert read(field) == naive(field)


@pytest.mark.parametrize("bomb", ["{n}=x;", "{n}", ";", "{n}={n}=", " {n}=;", "a=b; "])
def test_a_cookie_bomb_costs_a_bounded_time(bomb):
    piece = bomb.format(n=NAME)
    field = (piece * (65_536 // len(piece))).encode()
    start = time.process_time()
    COOKIE.read(field)
    assert time.process_time() - start < 0.05


def test_what_is_written_carries_every_attribute_and_is_read_back():
    line = COOKIE.write(TOKEN).decode()
    assert line == f"{NAME}={TOKEN}; Path=/; HttpOnly; SameSite=Lax; Secure"
    assert read(line.partition(";")[0]) == TOKEN


def test_ages_are_whole_seconds_and_capped_at_400_days():
    assert b"; Max-Age=90" in COOKIE.write(TOKEN, max_age=90)
    assert COOKIE.write(TOKEN, max_age=10**9).endswith(b"; Max-Age=34560000")


def test_deletion_has_the_same_attributes():
    assert COOKIE.delete() == b"__Host-session=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0"


@pytest.mark.parametrize(
    "value", ["a\r\nx: y", "a;b", "a b", 'a"b', "a,b", "a\\b", "a\x00", "\x7f", "é", "a\n", "x" * 4082]
)
def test_nothing_is_written_that_could_split_a_header_or_is_too_long(value):
    with pytest.raises(ConfigurationError):
        COOKIE.write(value)


def test_a_cookie_as_long_as_browsers_keep_is_written():
    assert COOKIE.write("x" * (4096 - len(NAME) - 1))


@pytest.mark.parametrize(
    "options",
    [
        {"name": "session"},
        {"name": "__Secure-session"},
        {"name": "__host-session"},
        {"device_name": "device"},
        {"name": "__Host-a b"},
        {"name": "__Host-a\r\n"},
        {"name": "__Host-é"},
        {"name": "__Host-device"},
        {"same_site": "None"},
        {"insecure_dev": True},
        {"insecure_dev": True, "name": "session"},
    ],
)
def test_a_policy_that_browsers_or_attackers_could_bend_is_not_constructible(options):
    with pytest.raises(ConfigurationError):
        CookiePolicy(**options)


@pytest.mark.parametrize(
    ("peer", "allowed"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("192.0.2.1", False),
        ("", False),
        ("testclient", False),
    ],
)
def test_plain_http_is_for_development_on_this_machine(peer, allowed):
    assert CookiePolicy.development().allows_plain(peer) is allowed
    assert not CookiePolicy().allows_plain(peer)


def test_a_development_cookie_has_no_prefix_and_works_without_tls():
    development = CookiePolicy.development().session_cookie()
    assert development.write(TOKEN, secure=False).endswith(b"; SameSite=Lax")
    assert not development.name.startswith("__")


def test_a_device_cookie_has_its_own_form():
    device = CookiePolicy().device_cookie()
    assert device.read(b"__Host-device=" + b"a" * 43) == "a" * 43
    assert device.read(b"__Host-device=" + b"a" * 64) is CookieFault.MALFORMED
    assert isinstance(device, Cookie)
