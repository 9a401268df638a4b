"""Where addresses are."""

import sys

import pytest

from coatcheck.core.errors import ConfigurationError
from coatcheck.watch.places import NOWHERE, Place, Places
from tests.watch import mmdb


@pytest.fixture
def files(tmp_path):
    city = mmdb.write(
        tmp_path / "city.mmdb",
        {"192.0.2.0/24": mmdb.place("DE", 52.5, 13.4), "2001:db8::/48": mmdb.place("NZ", -36.8, 174.8, 50)},
    )
    asn = mmdb.write(tmp_path / "asn.mmdb", {"192.0.2.0/24": {"autonomous_system_number": 64496}}, "ASN")
    return city, asn


def test_databases_answer_together(files):
    places = Places(*files)
    berlin = Place(country="DE", provider="AS64496", latitude=52.5, longitude=13.4, radius=10.0)
    assert places.locate("192.0.2.7") == places.locate("192.0.2.7") == berlin
    assert places.locate("2001:db8::1").country == "NZ"
    assert places.locate("203.0.113.1") == places.locate("a socket's path") == NOWHERE
    places.close()


def test_what_was_looked_up_is_remembered_within_bounds(files, monkeypatch):
    monkeypatch.setattr("coatcheck.watch.places.CACHED", 2)
    places = Places(*files)
    assert [places.locate(f"192.0.2.{last}").country for last in range(5)] == ["DE"] * 5
    assert len(places._known) <= 2


def test_a_distance_is_what_lies_between_at_least():
    berlin = Place(latitude=52.52, longitude=13.405, radius=20.0)
    sydney = Place(latitude=-33.87, longitude=151.21, radius=30.0)
    assert berlin.distance(sydney) == pytest.approx(16_090 - 50, abs=20)
    assert berlin.distance(berlin) == 0.0
    assert berlin.distance(NOWHERE) is None


@pytest.mark.parametrize("content", [None, b"no database"])
def test_a_file_that_is_no_database_is_refused_with_its_name(tmp_path, content):
    file = tmp_path / "places.mmdb"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"places\.mmdb is no database of places"):
        Places(file)


def test_without_the_extra_the_error_names_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "maxminddb", None)
    with pytest.raises(ConfigurationError, match="extra geo"):
        Places("places.mmdb")
