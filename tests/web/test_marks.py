import pytest
from starlette.routing import Mount, Route

from coatcheck.core.errors import ConfigurationError
from coatcheck.web.guard import RouteRules
from coatcheck.web.marks import marked_rules, public_route
from coatcheck.web.rule import protected, public


@public_route
async def shown(request): ...


async def hidden(request): ...


def rules(*paths):
    return marked_rules([Route(path, shown) for path in paths], RouteRules())


def test_a_mark_makes_the_path_alone_public():
    assert rules("/about", "/") == [public("/about", exact=True), public("/", exact=True)]


def test_a_parameter_stands_for_one_segment_and_a_path_for_all_below():
    assert rules("/items/{id:int}/photo") == [public("/items/{id}/photo", exact=True)]
    assert rules("/files/{rest:path}") == [public("/files")]
    assert rules("/{rest:path}") == [public("/")]


def test_a_parameter_within_a_segment_cannot_be_said_by_a_rule():
    with pytest.raises(ConfigurationError, match=r"/files/\{name\}\.txt"):
        rules("/files/{name}.txt")


def test_mounted_routes_have_their_whole_path_and_others_no_rule():
    routes = [Mount("/shop", routes=[Route("/open", shown), Route("/closed", hidden)]), Route("/", hidden)]
    assert marked_rules(routes, RouteRules()) == [public("/shop/open", exact=True)]


def test_a_path_that_is_routed_twice_has_one_rule():
    routes = [Route("/x", shown, methods=["GET"]), Route("/x", shown, methods=["POST"])]
    assert marked_rules(routes, RouteRules()) == [public("/x", exact=True)]


def test_a_mark_leaves_the_handler_as_it_was():
    async def handler(): ...

    assert public_route(handler) is handler


def test_a_route_that_a_marked_pattern_covers_too_keeps_its_rule():
    routes = [Route("/account", hidden), Route("/admin/{id}", hidden), Route("/{page}", shown)]
    routes += [Route("/shop/{rest:path}", shown), Route("/shop/till", hidden)]
    own = RouteRules([protected("/shop/till", roles={"clerk"})])
    assert marked_rules(routes, own) == [
        public("/{page}", exact=True),
        protected("/account", exact=True),
        public("/shop"),
        protected("/shop/till", roles={"clerk"}, exact=True),
    ]


@pytest.mark.parametrize(
    "routes",
    [
        [Route("/items", shown, methods=["GET"]), Route("/items", hidden, methods=["POST"])],
        [Route("/items", hidden, methods=["POST"]), Route("/items", shown, methods=["GET"])],
        [Route("/{a}/x", hidden), Route("/y/{b}", shown)],
        [Route("/y/{b}", shown, methods=["GET"]), Route("/{a}/x", hidden, methods=["POST"])],
        [Route("/{a}", shown), Route("/{b}", hidden, methods=["DELETE"])],
        [Mount("/files", app=hidden), Route("/files/open", shown)],
        [Route("/files/open", shown), Mount("/files", app=hidden)],
        [Route("/items/{id:int}", shown), Route("/items/{name}", hidden)],
    ],
)
def test_a_mark_that_would_open_another_route_is_refused(routes):
    with pytest.raises(ConfigurationError, match="not marked"):
        marked_rules(routes, RouteRules())


@pytest.mark.parametrize(
    "routes",
    [
        [Route("/y/{b}", shown), Route("/{a}/x", hidden)],
        [Route("/a/b", shown), Route("/a", hidden), Route("/a/b/c", hidden)],
    ],
)
def test_a_marked_route_that_is_found_first_opens_nothing_else(routes):
    assert len(marked_rules(routes, RouteRules())) == 1


def test_what_the_app_made_public_stays_public():
    own = RouteRules([public("/")])
    assert marked_rules([Route("/a", hidden), Route("/{b}", shown)], own) == [public("/{b}", exact=True)]


def test_what_the_app_says_of_the_same_path_comes_first_whatever_a_parameter_is_called():
    own = RouteRules([protected("/items/{thing}", exact=True)])
    assert marked_rules([Route("/items/{id}", shown)], own) == []
    both = [Route("/items/{id}", shown, methods=["GET"]), Route("/items/{id}", hidden, methods=["POST"])]
    assert marked_rules(both, own) == []
    with pytest.raises(ConfigurationError, match="two rules"):
        RouteRules([protected("/a/{x}"), public("/a/{y}")])
