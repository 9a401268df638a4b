"""The arithmetic of docs/scale.md, on round numbers."""

import pytest

from docs.parts import scale


@pytest.fixture
def table(monkeypatch):
    sizes = {"PostgreSQL": "1,000", "Redis": "1,200", "near-cache": "2,000"}
    rows = [[f"Coatcheck, {where}", told] for where, told in sizes.items()]
    monkeypatch.setattr(scale, "rows_of", lambda *_: rows)
    lines = [line.strip("| ").split(" | ") for line in scale.arithmetic().splitlines()]
    return {what: cells for what, *cells in lines}


def test_everything_grows_with_the_sessions(table):
    assert table["people active at once"] == ["50,000", "500,000", "5,000,000"]
    assert table["touches per second"] == ["833", "8,333", "83,333"]
    assert table["workers, at 500 requests per second each"] == ["10", "100", "1,000"]


def test_room_is_what_was_measured_times_what_is_kept(table):
    assert table["PostgreSQL: live sessions, GB"] == ["1", "10", "100"]
    assert table["PostgreSQL: and a week of expired ones, GB"] == ["8", "80", "800"]
    assert table["Redis: live sessions, GB"] == ["1.2", "12", "120"]
    assert table["near-cache of everybody active, GB"] == ["0.1", "1", "10"]


def test_the_feed_tells_of_rotations_sign_ins_and_ends():
    assert scale.changes(1_000_000) == pytest.approx(50_000 / 900 + 2_000_000 / 86_400)
