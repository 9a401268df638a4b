"""At the door: who exists, A49; who is locked out, A50; floods, A51; and the tail of a password, A52."""

import itertools
import os
import re
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import bcrypt
import pytest

from tests.attack.separation import STRICT, mann_whitney
from tests.attack.servers import User, new_address

pytestmark = pytest.mark.attack

FREE = 5  # failures without any delay
STOP = 100  # NIST SP 800-63B-4 section 3.2.2
LONGEST_DELAY = 900.0
WRONG = "certainly not the passphrase"
HASHES_AT_ONCE = os.cpu_count() or 1  # in each worker
HASH_MIB = 46
LONG = " ".join(f"word{number}" for number in range(10, 39))[:200]


def attempt(target, email, password, source="", **more):
    """Try a password, from an address of its own unless one is given."""
    headers = [*target.own_page, *more.pop("headers", ())]
    body = {"email": email, "password": password}
    return target.request("POST", "/auth/login", headers, json=body, source=source or new_address(), **more)


def answer(response):
    """Return all of an answer that depends on anything but the time and the worker, as text."""
    lasting = [field for field in response.headers if field[0] not in ("date", "x-worker")]
    return re.sub(
        r'("retry_after":|\'retry-after\', \')\d', r"\1N", repr((response.status, lasting, response.body))
    )


# --- A49 ---


def disabled_user(target):
    user = target.new_user()
    target.operate("disable", user_id=user.user_id)
    return user


def timed(target, user, password):
    """Try a password over a connection that stands; return the seconds and the answer."""
    with target.connect(new_address()) as connection:
        body = {"email": user.email, "password": password}
        began = time.perf_counter()
        response = connection.request("POST", "/auth/login", target.own_page, json=body)
        return time.perf_counter() - began, answer(response)


def measure(target, samples):
    """Try every kind of name, one after another in changing order, until it is locked.

    Returns:
        Seconds and answers by kind.
    """
    seconds, answers = {}, {}
    for turn in range(samples // FREE):
        names = {
            "existing": target.new_user(),
            "missing": User(f"nobody{turn}of{samples}@example.test", WRONG),
            "disabled": disabled_user(target),
        }
        for number in range(2 * FREE):
            for kind in rotated(list(names), turn + number):
                # Of somebody disabled even the right password tells nothing.
                password = names[kind].password if kind == "disabled" and number % 2 else WRONG
                told, measured = (kind, timed) if number < FREE else (f"{kind}, locked", timed_when_locked)
                took, heard = measured(target, names[kind], password)
                seconds.setdefault(told, []).append(took)
                answers.setdefault(told, set()).add(heard)
    return seconds, answers


def rotated(kinds, by):
    by %= len(kinds)
    return kinds[by:] + kinds[:by]


def timed_when_locked(target, user, password):
    """Try until the throttle says so: on a slow machine the first delay is over before the next try."""
    for _ in range(FREE):
        took, heard = timed(target, user, password)
        if "too_many_attempts" in heard:
            return took, heard
    raise AssertionError(f"{user.email} is never locked")


@pytest.mark.parametrize(
    "samples", [20, pytest.param(200, marks=[pytest.mark.long, pytest.mark.timeout(600)])]
)
def test_a49_timing_enumeration(target, samples):
    """Attack: timing enumeration: existing/missing/locked/disabled user, 200 samples each.
    Expected: no significant separation; same bytes and status."""
    seconds, answers = measure(target, samples)
    locked = [kind for kind in answers if kind.endswith("locked")]
    for group, code in (
        (["existing", "missing", "disabled"], "invalid_credentials"),
        (locked, "too_many_attempts"),
    ):
        said = set().union(*(answers[kind] for kind in group))
        assert len(said) == 1, group
        assert code in said.pop()
        for first, second in itertools.combinations(group, 2):
            likely = mann_whitney(seconds[first], seconds[second])
            assert likely > STRICT, (first, second, likely, seconds[first], seconds[second])


def test_the_statistics_see_a_difference():
    """Twenty samples are enough for the test to notice a hash that was left out."""
    hashed = [0.060 + number / 1000 for number in range(20)]
    skipped = [0.002 + number / 1000 for number in range(20)]
    assert mann_whitney(hashed, skipped) < STRICT
    assert mann_whitney(hashed, [second + 0.0001 for second in reversed(hashed)]) > STRICT
    assert mann_whitney(hashed, hashed) == 1.0


# --- A50 ---


def test_a50_lockout_by_a_burst_from_many_addresses(target, user, signed_in):
    """Attack: lockout DoS against a victim from many IPs.
    Expected: owner's known device still logs in; attackers bounded."""
    device = signed_in.response.cookies()["__Host-device"].value
    forged = [("Cookie", f"__Host-device={'A' * 43}")]

    def attack(number):
        return attempt(target, user.email, WRONG, headers=forged if number % 2 else [])

    with ThreadPoolExecutor(16) as pool:
        burst = [response.status for response in pool.map(attack, range(120))]
    assert set(burst) == {401, 429}
    assert burst.count(401) <= FREE + 4  # those free, and one after 1, 2, 4, 8 seconds at most
    locked = attempt(target, user.email, user.password)
    assert (locked.status, locked.code) == (429, "too_many_attempts")
    assert int(locked.header("retry-after")) >= 1
    owner = attempt(target, user.email, user.password, headers=[("Cookie", f"__Host-device={device}")])
    assert owner.status == 200
    # What the owner has open is not touched either.
    assert target.peek(signed_in.token)["session"]["user"]["email"] == user.email


def test_a50_lockout_over_days(own_target):
    """The same with all the patience in the world: at most 100 tries, whatever the address and the hour."""
    target, user = own_target, own_target.new_user()
    device = target.sign_in(user).response.cookies()["__Host-device"].value
    tried = 0
    for _ in range(STOP + 10):
        target.advance(LONGEST_DELAY + 1)
        tried += attempt(target, user.email, WRONG).status == 401
    assert tried == STOP
    target.advance(LONGEST_DELAY + 1)
    assert attempt(target, user.email, user.password).status == 429  # NIST: disabled, even if right
    own = [("Cookie", f"__Host-device={device}")]
    assert attempt(target, user.email, user.password, headers=own).status == 200


# --- A51 ---


def test_a51_passwords_of_a_megabyte(target, user):
    """Attack: hash DoS: 1 MB passwords. Expected: 400 before hashing."""
    source = new_address()
    telling = target.events("login.failed", "login.throttled")
    for password, refusal in (
        ("x" * 1_025, (400, "password_too_long")),
        ("\U0001f600" * 4_000, (400, "password_too_long")),
        ("x" * 60_000, (400, "password_too_long")),
        ("x" * 1_000_000, (413, "body_too_large")),
    ):
        for email in (user.email, "nobody@example.test"):
            for _ in range(3):
                response = attempt(target, email, password, source=source)
                assert (response.status, response.code) == refusal
            form = {"email": email, "password": password}
            response = target.request("POST", "/auth/login", target.own_page, form=form, source=source)
            assert response.status in (303, 413)
    # Nothing was tried and nothing counted, from this address or against this account.
    assert target.events("login.failed", "login.throttled") == telling
    assert attempt(target, user.email, user.password, source=source).status == 200


def test_a51_passwords_of_a_megabyte_behind_the_door(target, user, signed_in):
    """The same wherever else a password is asked for: at registration, once more, and for a new one."""
    fine, long = "a perfectly fine new passphrase", "x" * 1_025
    before = target.events("login.failed", "user.registered", "password.changed")
    for path, body in (
        ("/auth/register", {"email": f"long{user.email}", "password": long}),
        ("/auth/reauthenticate", {"password": long}),
        ("/auth/password", {"current_password": long, "new_password": fine}),
        ("/auth/password", {"current_password": user.password, "new_password": long}),
    ):
        for _ in range(3):
            response = target.request(
                "POST", path, target.own_page, token=signed_in.token, json=body, source=new_address()
            )
            assert (response.status, response.code) == (400, "password_too_long"), path
        huge = dict.fromkeys(body, "x" * 1000000)
        response = target.request("POST", path, target.own_page, token=signed_in.token, json=huge)
        assert (response.status, response.code) == (413, "body_too_large"), path
    assert target.events("login.failed", "user.registered", "password.changed") == before
    assert attempt(target, user.email, user.password).status == 200


def test_a51_parallel_sign_ins(target, signed_in):
    """Attack: 200 parallel logins. Expected: bounded memory; other routes responsive."""
    with target.both() as workers:
        pids = [worker.request("GET", "/").header("x-worker") for worker in workers]
        before = {pid: peak_mib(pid) for pid in pids}
        flood = [target.connect(new_address()) for _ in range(200)]
        began = time.perf_counter()
        try:
            for number, connection in enumerate(flood):
                body = {"email": f"flood{number}@example.test", "password": WRONG}
                connection.start("POST", "/auth/login", target.own_page, json=body)
            waits = [wait_for(worker, signed_in.token) for _ in range(10) for worker in workers]
            answers = [connection.receive() for connection in flood]
        finally:
            for connection in flood:
                connection.close()
    assert {(response.status, response.code) for response in answers} <= {
        (401, "invalid_credentials"),
        (503, "hashing_busy"),
    }
    assert all(response.header("retry-after") for response in answers if response.status == 503)
    # Seconds on a machine of any strength; who waited for the flood would wait for most of it.
    assert max(waits) < max(2.0, (time.perf_counter() - began) / 4), waits
    for pid in pids:
        assert peak_mib(pid) - before[pid] < HASHES_AT_ONCE * HASH_MIB + 64


def wait_for(worker, token):
    """Return how long a signed-in user waits for a page."""
    began = time.perf_counter()
    assert worker.request("GET", "/me", token=token).status == 200
    return time.perf_counter() - began


def peak_mib(pid):
    """Return the most memory that a process ever held, in MiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


# --- A52 ---


def give_bcrypt(target, user, password):
    """Put a hash into the account as another framework might have left it."""
    hashed = bcrypt.hashpw(password, bcrypt.gensalt(4)).decode()
    query = "UPDATE coatcheck_accounts SET password_hash = ? WHERE user_id = ?"
    assert target.database.write(query, hashed, user.user_id) == 1


def stored_hash(target, user):
    query = "SELECT password_hash FROM coatcheck_accounts WHERE user_id = ?"
    return target.database.read(query, user.user_id)[0]["password_hash"]


def test_a52_tail_of_a_bcrypt_password(target):
    """Attack: 72-byte bcrypt collision / NUL byte passwords. Expected: no match."""
    first = "a perfectly fine passphrase, and then some more until there are 72 bytes"
    assert len(first) == 72
    colliding = [f"{first}!", f"{first}\0", first + "x" * 128, f"{first}{first}", first[:71]]
    cut = "a perfectly fine passphrase"
    colliding_at_nul = [f"{cut}\0", f"{cut}\0anything", f"{cut}\0{'x' * 50}", f"\0{cut}", cut[:-1]]
    for password, guesses in ((first, colliding), (cut, colliding_at_nul)):
        for guess in guesses:
            user = target.new_user()
            give_bcrypt(target, user, password.encode())
            response = attempt(target, user.email, guess)
            assert (response.status, response.code) == (401, "invalid_credentials"), guess
        assert stored_hash(target, user).startswith("$2b$")
        assert attempt(target, user.email, password).status == 200
        assert stored_hash(target, user).startswith("$argon2id$")
        assert attempt(target, user.email, guesses[0]).status == 401
        assert attempt(target, user.email, password).status == 200


@pytest.mark.parametrize("tail", ["!", "\0", "\0\0"])
def test_a52_tail_of_a_password_of_ours(target, tail):
    """Our own hashes see every byte: 73 bytes, 200 characters, behind a NUL."""
    for password in ("p" + "y" * 72, LONG, "a passphrase\0 with a NUL in it"):
        email = f"tail{new_address()}@example.test"
        assert not target.operate("add", email=email, password=password)["code"]
        for guess in (
            password[:-1],
            password[:-1] + "?",
            password + tail,
            password.partition("\0")[0] + tail,
        ):
            assert attempt(target, email, guess).status == 401
        assert attempt(target, email, password).status == 200
