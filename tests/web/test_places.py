"""Where a request goes: looked up once, remembered, and never confused with another."""

import pytest

from coatcheck.web import RouteRules, protected, public
from coatcheck.web.api import HttpApi
from coatcheck.web.caching import CHECKED, LOOKED
from coatcheck.web.places import LONGEST_REMEMBERED, MOST_REMEMBERED, Places

API = HttpApi()


async def app(scope, receive, send):
    """Stand for the application."""


def places(api=API):
    return Places(app, RouteRules([public("/"), protected("/mine")]), api)


def ask(path, method="GET", **beside):
    return {"method": method, "path": path, "raw_path": path.encode(), "root_path": ""} | beside


def test_a_place_is_looked_up_once():
    known = places()
    assert known.find(ask("/mine")) is known.find(ask("/mine"))


@pytest.mark.parametrize("absent", ["raw_path", "root_path"])
def test_so_is_one_of_a_server_that_leaves_out_what_it_may(absent):
    known, scope = places(), ask("/mine")
    del scope[absent]
    assert known.find(scope) is known.find(scope)


def test_a_method_a_path_as_sent_and_a_mount_point_make_places_of_their_own():
    known = places()
    got, posted = known.find(ask("/mine")), known.find(ask("/mine", "POST"))
    assert (got.safe, got.varies_by, posted.safe, posted.varies_by) == (True, LOOKED, False, CHECKED)
    assert known.find(ask("/a/b", raw_path=b"/a%2fb")).odd
    assert not known.find(ask("/a/b")).odd
    below = known.find(ask("/app/mine", root_path="/app"))
    assert (below.path, below.rule) == ("/mine", got.rule)
    assert known.find(ask("/app/mine")).path == "/app/mine"


def test_who_is_let_in_depends_on_the_rule_alone():
    known = places()
    assert known.find(ask("/")).open
    assert not known.find(ask("/mine")).open
    assert not known.find(ask("/auth/sessions")).open


def test_the_api_answers_each_method_by_a_rule_of_its_own():
    known = places()
    listed, ended = known.find(ask("/auth/sessions")), known.find(ask("/auth/sessions", "DELETE"))
    assert listed.app is ended.app is API
    assert (listed.rule.recent, ended.rule.recent) == (None, API.policy.recent)
    assert known.find(ask("/mine")).app is app
    assert places(api=None).find(ask("/auth/sessions")).app is app


def test_a_websocket_never_goes_to_the_api():
    scope = ask("/auth/sessions")
    del scope["method"]
    place = places().find(scope)
    assert (place.app, place.api, place.rule) == (app, False, public("/"))


def test_made_up_paths_fill_no_memory():
    known = places()
    for number in range(2 * MOST_REMEMBERED):
        known.find(ask(f"/made/up/{number}"))
        known.find(ask("/" + "x" * LONGEST_REMEMBERED + str(number)))
    assert len(known._remembered) <= MOST_REMEMBERED
    assert known.find(ask("/mine")).rule == protected("/mine")
