"""Many names, one network."""

from coatcheck.watch.anomaly import CredentialStuffing
from tests.watch.anomaly.happenings import facts, failed, found, signed_in


def test_many_names_from_one_network_are_found():
    events = [failed(second, f"name {second}", f"192.0.2.{second % 250}") for second in range(30)]
    first, *_ = found(CredentialStuffing(), events)
    assert (first.severity, first.key, first.user_id) == ("alarm", "192.0.2.0/24", None)
    assert facts(first) == {
        "network": "192.0.2.0/24",
        "names_failed": "20",
        "names_let_in": "0",
        "within": "19 s",
        "client": "Firefox on Linux",
    }


def test_one_name_however_often_is_not():
    assert not found(CredentialStuffing(), [failed(second, "ada") for second in range(300)])


def test_names_are_forgotten_after_the_window():
    assert not found(CredentialStuffing(), [failed(60.0 * minute, f"name {minute}") for minute in range(300)])


def test_a_campus_where_people_mistype_and_then_get_in_is_not():
    events = []
    for number in range(300):
        events += [failed(number, "", user_id=f"u{number}"), signed_in(number + 0.5, f"u{number}")]
    assert not found(CredentialStuffing(), events)


def test_nor_is_a_network_from_which_many_get_in():
    events = [signed_in(number, f"u{number}") for number in range(100)]
    events += [failed(100 + number, f"name {number}") for number in range(24)]
    assert not found(CredentialStuffing(), events)


def test_what_names_nobody_or_comes_from_nowhere_is_not_counted():
    events = [failed(0, "", "192.0.2.1"), *(failed(0, f"name {number}", "") for number in range(100))]
    assert not found(CredentialStuffing(), events)
