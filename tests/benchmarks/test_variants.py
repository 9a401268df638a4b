"""What the benchmarks measure is what they say: each variant really keeps a session. Nothing is timed."""

import pytest

from benchmarks.apps.better import FOLDER
from benchmarks.apps.catalogue import CATALOGUE, MEMORY, ON_NODE, OURS, STARLETTE
from benchmarks.hosts.request import Response
from benchmarks.rounds import Subject, measure
from benchmarks.variant import NO_COOKIE, PATHS, READ, WRITE, Site

BY_NAME = {variant.name: variant for variant in (*CATALOGUE, *ON_NODE)}
SESSIONS = [name for name, variant in BY_NAME.items() if variant.bare]
NODE_IS_READY = (FOLDER / "node_modules").exists()


@pytest.fixture
def built(servers):
    """Builds variants; what they hold is let go of afterwards."""
    made = []

    def build(name):
        if name in {variant.name for variant in ON_NODE} and not NODE_IS_READY:
            pytest.skip("`make bench` installs better-auth, and has not been run here")
        made.append(Subject(BY_NAME[name], servers))
        return made[-1]

    yield build
    for subject in made:
        subject.close()


@pytest.mark.parametrize("name", SESSIONS)
def test_the_session_is_really_read_and_what_is_written_is_kept(built, name):
    subject = built(name)
    host, cookie = subject.host, subject.cookie
    answers = [host.ask(PATHS[READ], cookie) for _ in range(3)]
    stranger = host.ask(PATHS[READ], b"__Host-session=none; session=none; theme=dark")
    assert [(answer.status, answer.body) for answer in answers] == [(200, "0")] * 3
    assert stranger.body == "nobody"
    assert (host.ask(PATHS[NO_COOKIE]).status, host.ask(PATHS[NO_COOKIE]).body) == (200, "ok")
    if WRITE in subject.variant.scenarios:
        numbers = []
        for _ in range(3):
            cookie = host.ask(PATHS[WRITE], cookie).cookie or cookie
            numbers.append(int(host.ask(PATHS[READ], cookie).body))
        assert numbers == sorted({*numbers}), "each write gave a new value, and none was lost"
        assert len(numbers) == 3


@pytest.mark.parametrize("name", [name for name in BY_NAME if name not in SESSIONS])
def test_a_bare_application_answers_what_the_others_answer(built, name):
    host = built(name).host
    assert [host.ask(path).body for path in (PATHS[NO_COOKIE], PATHS[READ])] == ["ok", "0"]


@pytest.mark.parametrize("name", OURS)
def test_ours_sets_no_cookie_where_nobody_looked_and_none_where_nothing_rotates(built, name):
    subject = built(name)
    answers = [subject.host.ask(PATHS[NO_COOKIE]), subject.host.ask(PATHS[READ], subject.cookie)]
    assert [answer.cookie for answer in answers] == [None, None]


def test_a_cookie_that_is_gone_after_seconds_is_not_sent_for_the_whole_benchmark():
    lasting, fleeting = b"s=1; Path=/; Max-Age=2000", b"fresh=1; Max-Age=2; Path=/"
    given = Response(200, [(b"set-cookie", lasting), (b"set-cookie", fleeting)], "")
    assert given.cookie == b"s=1"


def test_a_real_run_has_a_sample_of_everything_for_every_round(servers):
    variants = [BY_NAME[name] for name in ("bare Starlette", MEMORY, STARLETTE)]
    measured = measure(variants, servers, rounds=2, requests=2)
    assert len(measured) == sum(len(variant.scenarios) for variant in variants)
    assert all(len(one.samples) == 2 and min(one.samples) > 0 for one in measured)


def test_what_a_variant_holds_is_let_go_of_in_its_event_loop(servers):
    site, closed = Site(servers), []
    site.resources.callback(closed.append, "resource")
    site.close()
    assert closed == ["resource"]
