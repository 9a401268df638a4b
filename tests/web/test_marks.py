import pytest
from starlette.routing import Mount, Route

from coatcheck.core.errors import ConfigurationError
from coatcheck.web.marks import marked_rules, public_route
from coatcheck.web.rule import public


@public_route
async def shown(request): ...


async def hidden(request): ...


def rules(*paths):
    return marked_rules([Route(path, shown) for path in paths])


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
    assert marked_rules(routes) == [public("/shop/open", exact=True)]


def test_a_path_that_is_routed_twice_has_one_rule():
    routes = [Route("/x", shown, methods=["GET"]), Route("/x", shown, methods=["POST"])]
    assert marked_rules(routes) == [public("/x", exact=True)]


def test_a_mark_leaves_the_handler_as_it_was():
    async def handler(): ...

    assert public_route(handler) is handler
