"""What the benchmarks measure is what they say: each variant really keeps a session. Nothing is timed."""

from contextlib import AsyncExitStack

import pytest

from benchmarks.apps.catalogue import CATALOGUE
from benchmarks.asgi import ask
from benchmarks.variant import NO_COOKIE, PATHS, READ, WRITE

BY_NAME = {variant.name: variant for variant in CATALOGUE}
SESSIONS = [variant for variant in CATALOGUE if variant.bare]


@pytest.fixture(params=SESSIONS, ids=lambda variant: variant.name)
def variant(request):
    return request.param


async def test_the_session_is_really_read(variant):
    async with AsyncExitStack() as stack:
        app = variant.build(stack)
        cookie = (await ask(app, "/login")).cookie
        answers = [await ask(app, PATHS[READ], cookie) for _ in range(3)]
        stranger = await ask(app, PATHS[READ], b"__Host-session=none; session=none; theme=dark")
    assert [(answer.status, answer.body) for answer in answers] == [(200, "0")] * 3
    assert stranger.body == "nobody"


async def test_what_is_written_is_read_by_the_next_request(variant):
    if WRITE not in variant.scenarios:
        pytest.skip("keeps nothing")
    numbers = []
    async with AsyncExitStack() as stack:
        app = variant.build(stack)
        cookie = (await ask(app, "/login")).cookie
        for _ in range(3):
            cookie = (await ask(app, PATHS[WRITE], cookie)).cookie or cookie
            numbers.append(int((await ask(app, PATHS[READ], cookie)).body))
    assert numbers == sorted({*numbers}), "each write gave a new value, and none was lost"
    assert len(numbers) == 3


async def test_without_a_cookie_a_variant_answers_what_its_bare_application_answers(variant):
    async with AsyncExitStack() as stack:
        answer = await ask(variant.build(stack), PATHS[NO_COOKIE])
        bare = await ask(BY_NAME[variant.bare].build(stack), PATHS[NO_COOKIE])
    assert (answer.status, answer.body) == (bare.status, bare.body) == (200, "ok")


@pytest.mark.parametrize("name", [name for name in BY_NAME if name.startswith("Coatcheck")])
async def test_ours_sets_no_cookie_where_nobody_looked_and_none_where_nothing_rotates(name):
    async with AsyncExitStack() as stack:
        app = BY_NAME[name].build(stack)
        cookie = (await ask(app, "/login")).cookie
        answers = [await ask(app, PATHS[NO_COOKIE]), await ask(app, PATHS[READ], cookie)]
    assert [answer.cookie for answer in answers] == [None, None]
