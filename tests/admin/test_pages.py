"""The pages, over a store of each kind."""

import re
import sqlite3
from contextlib import closing
from html.parser import HTMLParser

import msgspec
import pytest

from coatcheck.core.events import (
    AnomalyFound,
    SessionCreated,
    SessionOver,
    TokenReused,
    UserDisabled,
    UserEnabled,
)
from coatcheck.core.events.wire import describe
from coatcheck.core.evidence import Evidence
from coatcheck.core.ledger import Entry, Ledger
from coatcheck.core.support import support_code
from coatcheck.stores import SqliteStore
from coatcheck.testing.contract import sample_record
from tests.admin.bare import BareStore
from tests.admin.conftest import ADA, GRACE, running

PLACES = ("/", "/sessions", "/people", "/alarms", "/ledger", "/keys", "/health", "/everyone", "/?range=day")
VOID = {"meta", "link", "input", "img", "br"}


class Reader(HTMLParser):
    """What stands on a page: elements, and whether they are closed as they were opened."""

    def __init__(self, text):
        super().__init__()
        self.open, self.elements = [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


async def read(jar, path, status=200):
    answer = await jar.get(f"/admin{path}")
    assert answer.status_code == status, answer.text
    assert "script-src 'self';" in answer.headers["content-security-policy"]
    assert "no-store" in answer.headers["cache-control"]
    for tag, facts in Reader(answer.text).elements:
        assert "style" not in facts
        assert not [name for name in facts if name.startswith("on")]
        assert tag != "script" or "src" in facts or facts["type"] == "application/json"
        assert facts.get("src", "/").startswith("/")
    return answer.text


def entry(event, seq):
    return Entry(
        chain="worker",
        seq=seq,
        digest=b"",
        text=msgspec.json.encode(describe(event)),
        name=event.name,
        at=event.at,
        session_id=event.session_id,
        user_id=event.user_id,
    )


async def test_every_page_is_there_on_every_store(house_of_each):
    house = house_of_each
    session, _ = await house.signed_in(ADA)
    house.clock.advance(1)
    grace = await house.browser()
    for place in (*PLACES, f"/sessions/{session.id}", "/people/u-ada", "/sessions?q=firefox"):
        assert "<h1" in await read(grace, place)
    listed = await read(grace, "/sessions")
    assert listed.index("Grace Hopper") < listed.index("Ada Lovelace")
    assert "Firefox on Linux" in listed
    for text in (session.id, session.id[:12], support_code(session.id), "ADA@example", "u-ada"):
        assert session.id in await read(grace, f"/sessions?q={text}")
    assert "No live session matches" in await read(grace, "/sessions?q=nowhere")
    answer = await grace.post(f"/admin/sessions/{session.id}/revoke")
    assert "is revoked" in await read(grace, answer.headers["location"].removeprefix("/admin"))
    assert session.id not in await read(grace, "/sessions")
    assert "ended" in await read(grace, f"/sessions?q={support_code(session.id)}")
    [over] = house.seen.of(SessionOver)
    assert (over.actor, over.session_id) == (GRACE.user_id, session.id)
    again = await grace.post(f"/admin/sessions/{session.id}/revoke")
    assert again.headers["location"].endswith("said=over")


async def test_a_long_list_is_paged(house):
    records = [
        sample_record(
            number, f"user {number}", created_at=house.clock.now() - number, last_seen_at=house.clock.now()
        )
        for number in range(130)
    ]
    for record in records:
        await house.manager.store.create(record)
    house.clock.advance(1)
    grace = await house.browser()
    shown, path = [], "/sessions"
    while path:
        text = await read(grace, path)
        shown += re.findall(r'class="number" href="/admin/sessions/([0-9a-f]{32})"', text)
        following = re.search(r'rel="next" href="/admin([^"]+)"', text)
        path = following[1].replace("&amp;", "&") if following else ""
    assert shown[1:] == [record.id for record in records]
    assert "Newest first page" in text
    assert "Live sessions" in await read(grace, "/sessions?before=nonsense-x")
    assert "Live sessions" in await read(grace, f"/sessions?before=x-{'a' * 32}")


async def test_a_session_shows_its_life_and_what_is_stored(house):
    session, _ = await house.signed_in(ADA)
    grace = await house.browser()
    text = await read(grace, f"/sessions/{session.id}")
    for part in ("Session began", "Firefox on Linux", "192.0.2.1", "ada@example.test", "Revoke this session"):
        assert part in text
    house.clock.advance(3_600)
    grace = await house.browser()
    assert "Session expired" in await read(grace, f"/sessions/{session.id}")
    assert "No such session" in await read(grace, f"/sessions/{'0' * 32}", status=404)
    assert "No such session" in await read(grace, "/sessions/nonsense", status=404)


async def test_what_people_call_themselves_is_text_and_nothing_else(house):
    evil = msgspec.structs.replace(ADA, name="<script>alert(1)</script>", email="&quot;\"'><img src=x>")
    session, _ = await house.signed_in(evil, agent="<b>browser</b>", ip="<i>here</i>")
    grace = await house.browser()
    for place in ("/", "/sessions", f"/sessions/{session.id}", "/people/u-ada", "/sessions?q=<b>"):
        text = await read(grace, place)
        assert "<script>alert" not in text
        assert "<b>" not in text
        assert "<i>" not in text


async def test_one_user_is_signed_out_everywhere_and_the_operator_keeps_their_own(house):
    for _ in range(3):
        await house.signed_in(ADA)
        await house.signed_in(GRACE)
    grace = await house.browser()
    answer = await grace.post("/admin/people/u-ada/revoke")
    assert "3 sessions revoked." in await read(grace, answer.headers["location"].removeprefix("/admin"))
    answer = await grace.post("/admin/people/u-grace/revoke")
    text = await read(grace, answer.headers["location"].removeprefix("/admin"))
    assert "3 sessions revoked." in text
    assert "1 live session" in text
    assert "No such user" in await read(grace, "/people/nobody", status=404)
    assert (await grace.post("/admin/people/u-ada/enable")).headers["location"].endswith("refused")


async def test_a_user_id_may_hold_anything(house):
    odd = msgspec.structs.replace(ADA, user_id="auth0|ada lovelace?#%")
    await house.signed_in(odd)
    grace = await house.browser()
    text = await read(grace, "/sessions")
    path = re.search(r'/admin(/people/auth0[^"]+)"', text)[1]
    assert "1 live session" in await read(grace, path)
    answer = await grace.post(f"/admin{path}/revoke")
    assert "1 session revoked." in await read(grace, answer.headers["location"].removeprefix("/admin"))


async def test_alarms_and_the_ledger_show_the_evidence(house_of_each):
    house = house_of_each
    if not isinstance(house.manager.store, Ledger):
        pytest.skip("the store keeps no ledger")
    session, _ = await house.signed_in(ADA)
    at = house.clock.now()
    found = AnomalyFound(
        at=at,
        session_id=session.id,
        user_id="u-ada",
        rule="unknown_tokens",
        severity="alarm",
        response="log",
        evidence=(("network", "192.0.2.0/24"), ("unknown_tokens", "<120>")),
    )
    began = SessionCreated(at=at - 60, session_id=session.id, user_id="u-ada")
    await house.manager.store.append([entry(began, 1), entry(found, 2)])
    grace = await house.browser()
    for place in ("/", "/alarms", "/ledger", "/people/u-ada", f"/sessions/{session.id}"):
        text = await read(grace, place)
        assert "Anomaly: unknown tokens" in text
        assert "192.0.2.0/24" in text
        assert "&lt;120&gt;" in text
    for query in ("name=session.created", "until=1970-01-01T00:00", "q=nowhere", "user=nobody", "session=x"):
        assert "192.0.2.0/24" not in await read(grace, f"/ledger?{query}")
    for query in (
        "name=anomaly.found",
        "q=UNKNOWN_TOKENS",
        f"session={session.id}",
        "user=u-ada",
        "since=2020-01-01T00:00",
    ):
        assert "192.0.2.0/24" in await read(grace, f"/ledger?{query}")


async def test_an_entry_that_cannot_be_read_is_told_and_hides_nothing(house):
    session, _ = await house.signed_in(ADA)
    at = house.clock.now()
    reused = TokenReused(
        at=at,
        session_id=session.id,
        user_id="u-ada",
        evidence=Evidence(presented=1, current=3, age=61.5, one_step_back=False),
        ended=True,
    )
    written = [entry(reused, number) for number in range(1, 52)]
    written[-1] = msgspec.structs.replace(written[-1], text=b"{")
    await house.manager.store.append(written)
    grace = await house.browser()
    for place in ("/", "/alarms", "/ledger", "/people/u-ada", f"/sessions/{session.id}"):
        assert "An entry of the ledger that cannot be read" in await read(grace, place)
    assert "Older" in await read(grace, "/alarms")


async def test_the_ledger_shows_what_an_app_says_and_not_what_the_ledger_says_of_itself(house):
    at = house.clock.now()
    own = msgspec.structs.replace(
        entry(SessionCreated(at=at), 1), name="coat.lost", text=b'{"event": "coat.lost", "at": 1}'
    )
    mark = msgspec.structs.replace(own, seq=2, name="audit.checkpoint", text=b'{"event": "audit.checkpoint"}')
    await house.manager.store.append([own, mark])
    text = await read(await house.browser(), "/ledger")
    assert "Coat lost" in text
    assert "Audit checkpoint" not in text


async def test_the_ledger_calls_users_by_their_names(staffed):
    ada = await staffed.accounts.add(
        email="ada@example.test", name="Ada Lovelace", password_hash=None, roles=frozenset(), created_at=0.0
    )
    event = SessionCreated(at=staffed.clock.now(), user_id=ada.user_id, session_id="a" * 32)
    await staffed.manager.store.append([entry(event, 1)])
    text = await read(await staffed.browser(), "/ledger")
    assert f'/people/{ada.user_id}">Ada Lovelace</a>' in text


async def test_the_ledger_is_paged(house):
    events = [
        SessionCreated(at=house.clock.now(), user_id=f"user-{n}", session_id="a" * 32) for n in range(70)
    ]
    await house.manager.store.append([entry(event, n + 1) for n, event in enumerate(events)])
    grace = await house.browser()
    first = await read(grace, "/ledger")
    following = re.search(r'href="/admin(/ledger\?before=\d+)"', first)[1]
    second = await read(grace, following)
    assert "user-69" in first
    assert "user-0<" not in first
    assert "user-0<" in second


async def test_a_store_without_skills_says_what_is_not_there():
    async with running(BareStore()) as house:
        session, _ = await house.signed_in(ADA)
        grace = await house.browser()
        assert "cannot list all sessions" in await read(grace, "/sessions")
        assert session.id in await read(grace, f"/sessions?q={session.id}")
        assert "No audit ledger" in await read(grace, "/ledger")
        assert "No audit ledger" in await read(grace, "/alarms")
        assert "no small rows" in await read(grace, "/everyone")
        assert "what the record itself tells" in await read(grace, f"/sessions/{session.id}")
        assert "\N{EN DASH}" in await read(grace, "/")
        assert "There is none" in await read(grace, "/health")
        answer = await grace.post("/admin/everyone", data={"word": "everyone"})
        assert answer.headers["location"].endswith("busy")


async def test_accounts_are_listed_found_and_closed(staffed):
    for number in range(55):
        await staffed.accounts.add(
            email=f"user{number:02}@example.test",
            name="",
            password_hash=None,
            roles=frozenset(),
            created_at=0.0,
        )
    account = await staffed.accounts.by_email("user07@example.test")
    grace = await staffed.browser()
    first = await read(grace, "/people")
    following = re.search(r'href="/admin(/people\?after=[^"]+)"', first)[1]
    assert "user54@example.test" in await read(grace, following)
    assert account.user_id in await read(grace, "/sessions?q=USER07@example.test")
    assert account.user_id in await read(grace, f"/sessions?q={account.user_id}")
    of_theirs = f"/people/{account.user_id}"
    for act, said in (("disable", "is disabled"), ("enable", "open again")):
        answer = await grace.post(f"/admin{of_theirs}/{act}")
        assert said in await read(grace, answer.headers["location"].removeprefix("/admin"))
    told = [*staffed.seen.of(UserDisabled), *staffed.seen.of(UserEnabled)]
    assert [event.actor for event in told] == ["u-grace", "u-grace"]
    assert (await grace.post("/admin/people/u-grace/disable")).headers["location"].endswith("yourself")


async def test_a_code_in_the_address_says_no_more_than_it_may(house):
    grace = await house.browser()
    for query in (f"said=signed-out&count={'9' * 400}", "said=signed-out&count=x", "said=<b>", "said="):
        assert 'role="status"' not in await read(grace, f"/?{query}")


@pytest.mark.parametrize("name", ["theme.css", "uplot.js", "charts.js", "ticket.svg"])
async def test_what_pages_are_made_of_is_served(house, name):
    grace = await house.browser()
    assert (await grace.get(f"/admin/static/{name}")).status_code == 200


ODD = (
    "sessions?q=%00%01%E2%80%AE&before=nan-" + "a" * 32,
    "sessions?q=" + "x" * 10_000,
    "sessions?before=inf-" + "a" * 32,
    "sessions?q=%FF%FE",
    "ledger?before=" + "9" * 400,
    "ledger?before=%D9%A3&user=%00&session=%00&name=%00&q=%00&since=0001-01-01&until=soon",
    "alarms?before=-1",
    "people?after=%00",
    "people/%C2%A0",
)


async def test_what_nobody_would_type_breaks_nothing(house_of_each):
    grace = await house_of_each.browser()
    statuses = {query[:60]: (await grace.get(f"/admin/{query}")).status_code for query in ODD}
    assert {query: status for query, status in statuses.items() if status not in (200, 404)} == {}


async def test_a_head_of_the_stream_ends_at_once(house):
    answer = await (await house.browser()).head("/admin/live")
    assert answer.headers["content-type"].startswith("text/event-stream")


async def test_a_row_that_cannot_be_read_is_in_nobodys_way(tmp_path):
    store = SqliteStore(tmp_path / "sessions.db")
    async with running(store) as house:
        sound, spoilt = [(await house.signed_in(ADA))[0] for _ in range(2)]
        with closing(sqlite3.connect(store.path)) as connection, connection:
            connection.execute("UPDATE coatcheck_sessions SET record = x'80' WHERE id = ?", (spoilt.id,))
        grace = await house.browser()
        for place in ("/", "/sessions", "/people/u-ada"):
            text = await read(grace, place)
            assert sound.id in text
            assert spoilt.id not in text
        assert "No live session matches" in await read(grace, f"/sessions?q={spoilt.id}")
        assert "No such session" in await read(grace, f"/sessions/{spoilt.id}", status=404)
    await store.close()
