"""One user in two places, and countries that a session moves to."""

import pytest

from coatcheck.watch.anomaly import ImpossibleTravel, NetworkChange, standard_rules
from coatcheck.watch.metrics.instruments import RULES
from coatcheck.watch.places import Places
from tests.watch import mmdb
from tests.watch.anomaly.happenings import FIREFOX, began, facts, found, rotated, signed_in

BERLIN, PARIS, SYDNEY, POTSDAM = "10.1.0.1", "10.2.0.1", "10.3.0.1", "10.4.0.1"
HOUR = 3600.0


@pytest.fixture
def places(tmp_path):
    known = {
        "10.1.0.0/16": mmdb.place("DE", 52.52, 13.4),
        "10.2.0.0/16": mmdb.place("FR", 48.86, 2.35),
        "10.3.0.0/16": mmdb.place("AU", -33.87, 151.21),
        "10.4.0.0/16": mmdb.place("DE", 52.4, 13.06, 50),
    }
    made = Places(mmdb.write(tmp_path / "city.mmdb", known))
    yield made
    made.close()


def test_berlin_and_sydney_within_an_hour_is_found(places):
    (finding,) = found(ImpossibleTravel(places), [began(0, "ada", ip=BERLIN), began(HOUR, "ada", ip=SYDNEY)])
    assert (finding.user_id, finding.session_id) == ("ada", "s")
    said = facts(finding)
    assert (said["country_was"], said["country_is"], said["minutes"]) == ("DE", "AU", "60")
    assert said["distance"].removesuffix(" km") in map(str, range(16_000, 16_200))


@pytest.mark.parametrize(
    ("ip", "hours"),
    [(SYDNEY, 24), (PARIS, 1), (POTSDAM, 0.001), (BERLIN, 0)],
    ids=["flight", "jet", "near", "same"],
)
def test_what_can_be_travelled_is_not(places, ip, hours):
    assert not found(
        ImpossibleTravel(places), [began(0, "ada", ip=BERLIN), began(hours * HOUR, "ada", ip=ip)]
    )


def test_two_users_visitors_and_addresses_that_nobody_knows_are_not(places):
    events = [
        *(began(0, "ada", ip=BERLIN), began(1, "bob", ip=SYDNEY), began(2, None, ip=PARIS)),
        *(began(3, "ada", ip="203.0.113.1"), began(4, "ada", ip=""), began(5, "ada", ip=BERLIN)),
    ]
    assert not found(ImpossibleTravel(places), events)


def test_a_session_that_moves_to_another_country_is_found_at_once(places):
    events = [
        rotated(0, (BERLIN, FIREFOX), (POTSDAM, FIREFOX)),
        rotated(900, (BERLIN, FIREFOX), (PARIS, FIREFOX)),
        rotated(1800, (BERLIN, FIREFOX), ("203.0.113.1", FIREFOX)),
    ]
    (finding,) = found(NetworkChange(places=places), events)
    assert (finding.severity, facts(finding)["country_was"], facts(finding)["country_is"]) == (
        "warning",
        "DE",
        "FR",
    )


def test_metrics_have_a_series_for_every_rule(places):
    assert set(RULES) == {rule.name for rule in standard_rules(places)}


def test_rules_about_places_come_with_a_database(places):
    with_places = {rule.name for rule in standard_rules(places)}
    assert with_places - {rule.name for rule in standard_rules()} == {"impossible_travel"}
    assert ImpossibleTravel(places).see(signed_in(0, "ada")) is None
