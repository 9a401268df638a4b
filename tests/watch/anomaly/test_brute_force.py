"""One name, many networks."""

from coatcheck.watch.anomaly import BruteForce
from tests.watch.anomaly.happenings import HOME, facts, failed, found, signed_in


def tries(networks):
    return [failed(10.0 * number, "", f"10.0.{number}.1", user_id="ada") for number in range(networks)]


def test_one_name_from_many_networks_is_found_and_its_user_named():
    first, *_ = found(BruteForce(), tries(9))
    assert (first.severity, first.user_id) == ("warning", "ada")
    assert facts(first) == {
        "networks": "8",
        "latest": "10.0.3.0/24, 10.0.4.0/24, 10.0.5.0/24, 10.0.6.0/24, 10.0.7.0/24",
        "within": "70 s",
    }


def test_it_is_an_alarm_when_one_of_them_gets_in():
    *_, last = found(BruteForce(), [*tries(9), signed_in(100, "ada", "10.0.4.2")])
    assert (last.severity, facts(last)["let_in"]) == ("alarm", "10.0.4.0/24")


def test_the_owner_who_gets_in_from_home_meanwhile_is_no_alarm():
    assert len(found(BruteForce(), [*tries(8), signed_in(100, "ada", HOME)])) == 1


def test_a_traveller_who_mistypes_here_and_there_is_not_found():
    events = [failed(hour * 3600.0, "", f"10.0.{hour}.1", user_id="ada") for hour in range(24)]
    assert not found(BruteForce(), events)


def test_what_names_nobody_or_comes_from_nowhere_is_not_counted():
    events = [failed(0, "", f"10.0.{number}.1") for number in range(50)]
    assert not found(BruteForce(), [*events, *(failed(0, "ada", "") for _ in range(50))])
