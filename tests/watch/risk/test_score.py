"""The score."""

from math import log10

import pytest

from coatcheck.watch.risk.score import score
from coatcheck.watch.risk.tally import Tally

FIREFOX, CHROME = ("Linux", "Firefox", "140"), ("Windows", "Chrome", "140")


def paths(country="DE", provider="AS1", network="10.0.0.0/24", client=FIREFOX):
    return {"from": (country, provider, network), "with": client}


def tally(*history):
    made = Tally(limit=10_000)
    for one in history:
        made.add(one)
    return made


EVERYONE = tally(
    *(paths(network=f"10.0.{n % 40}.0/24", client=CHROME if n % 3 else FIREFOX) for n in range(600)),
    *(paths("DE", "AS2", f"10.1.{n % 40}.0/24", CHROME) for n in range(300)),
    *(paths("FR", "AS3", f"10.2.{n % 40}.0/24", CHROME) for n in range(100)),
)
REGULAR = tally(*[paths()] * 40)
ROAMER = tally(*(paths(network=f"10.0.{n}.0/24") for n in range(40)))


def value(sign_in, user=REGULAR):
    return score(sign_in, user, EVERYONE).value


def test_a_user_who_is_not_known_is_like_everyone():
    found = score(paths("FR", "AS3", "10.2.0.0/24", CHROME), tally(), EVERYONE)
    assert found.value == pytest.approx(0.0)
    assert found.known == 0


def test_what_a_user_always_does_is_far_likelier_theirs():
    assert value(paths()) < -2
    assert score(paths(), REGULAR, EVERYONE).known == 40


def test_the_further_from_home_the_riskier():
    home, street, town, abroad = (
        value(paths()),
        value(paths(network="10.0.7.0/24")),
        value(paths(provider="AS2", network="10.1.0.0/24")),
        value(paths("FR", "AS3", "10.2.0.0/24")),
    )
    assert home < street < town < abroad


def test_who_roams_may_roam_on():
    somewhere = paths(network="10.0.200.0/24")
    assert value(somewhere, ROAMER) < value(somewhere, REGULAR)


def test_an_update_of_the_browser_is_less_than_another_browser():
    updated, other = paths(client=("Linux", "Firefox", "141")), paths(client=CHROME)
    assert value(paths()) < value(updated) < value(other)


def test_an_attacker_from_elsewhere_with_another_browser_stands_out():
    found = score(paths("FR", "AS3", "10.2.0.0/24", CHROME), REGULAR, EVERYONE)
    assert found.value > 2
    assert {name for name, _ in found.parts[:2]} == {"country", "system"}


def test_the_parts_add_up_to_the_value():
    found = score(paths("FR", "AS3", "10.2.0.0/24", CHROME), ROAMER, EVERYONE)
    assert sum(part for _, part in found.parts) == pytest.approx(found.value)
    assert [part for _, part in found.parts] == sorted((part for _, part in found.parts), reverse=True)


def test_a_country_that_one_user_has_not_shown_costs_as_many_shares_as_they_have_sign_ins():
    """With a user of one country p(new country | user) is one share of n + 1, spread as everyone's are."""
    parts = dict(score(paths("FR", "AS3", "10.2.0.0/24", CHROME), REGULAR, EVERYONE).parts)
    assert parts["country"] == pytest.approx(log10(41))
    assert parts["provider"] == parts["network"] == pytest.approx(0.0)
