"""Counts along paths."""

from hypothesis import given
from hypothesis import strategies as st

from coatcheck.watch.risk.tally import SIGN_INS, Tally, nodes

HOME = {"from": ("DE", "AS1", "10.0.0.0/24")}
OFFICE = {"from": ("DE", "AS1", "10.0.1.0/24")}
ABROAD = {"from": ("FR", "AS2", "10.0.2.0/24")}


def test_a_network_is_counted_within_its_provider_and_country():
    tally = Tally(limit=100)
    for paths in (HOME, HOME, OFFICE, ABROAD):
        tally.add(paths)
    root, country, provider, network = nodes("from", HOME["from"])
    assert [tally.of(node) for node in (root, country, provider, network)] == [4, 3, 3, 2]
    assert [tally.kinds(node) for node in (root, country, provider, network)] == [2, 1, 2, 0]
    assert tally.sign_ins == 4


def test_what_was_counted_can_be_kept_and_counted_on():
    tally = Tally(limit=100)
    tally.add(HOME)
    again = Tally(tally.counts, limit=100)
    again.add(OFFICE)
    assert again.kinds(nodes("from", HOME["from"])[2]) == 2
    assert tally.sign_ins == 1


@given(st.lists(st.sampled_from([HOME, OFFICE, ABROAD]), max_size=60))
def test_it_never_counts_more_than_its_limit_and_no_part_more_than_the_whole(history):
    tally = Tally(limit=10)
    for paths in history:
        tally.add(paths)
    assert tally.sign_ins <= 10
    for node, count in tally.counts.items():
        below = [name for name in tally.counts if name.rpartition("\x1f")[0] == node and name != SIGN_INS]
        assert sum(tally.of(name) for name in below) <= count
        assert len(below) == tally.kinds(node)
    assert Tally(tally.counts, limit=10)._kinds == tally._kinds or not tally.counts


def test_old_habits_fade():
    tally = Tally(limit=10)
    for paths in [HOME] * 10 + [ABROAD] * 30:
        tally.add(paths)
    assert tally.of(nodes("from", HOME["from"])[-1]) <= 1
