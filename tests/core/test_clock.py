"""The system's clock never runs backwards in a process, and counts a suspend."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coatcheck.core import clock as clocks
from coatcheck.core.clock import SystemClock


class Machine:
    """A boot clock that only runs, and a wall clock that anybody may set."""

    def __init__(self):
        self.boot, self.wall = 1000.0, 1_700_000_000.0

    def clock_gettime(self, which):
        assert which == clocks._MONOTONIC
        return self.boot

    def time(self):
        return self.wall

    def pass_(self, seconds):
        self.boot += seconds
        self.wall += seconds


@pytest.fixture
def machine(monkeypatch):
    return plug(monkeypatch)


def plug(monkeypatch):
    machine = Machine()
    monkeypatch.setattr(clocks.time, "clock_gettime", machine.clock_gettime)
    monkeypatch.setattr(clocks.time, "time", machine.time)
    return machine


def test_it_tells_the_wall_clock(machine):
    clock = SystemClock()
    assert clock.now() == machine.wall
    machine.pass_(30)
    assert clock.now() == machine.wall


def test_a_wall_clock_set_back_extends_nothing(machine):
    clock = SystemClock()
    before = clock.now()
    machine.wall -= 86_400
    assert clock.now() == before
    machine.pass_(60)
    assert clock.now() == before + 60, "a minute is a minute whatever the wall says"


def test_a_wall_clock_set_forward_is_followed_and_not_back_again(machine):
    clock = SystemClock()
    before = clock.now()
    machine.wall += 3600
    assert clock.now() == before + 3600
    machine.wall -= 3600
    assert clock.now() == before + 3600


def test_a_suspend_counts(machine):
    clock = SystemClock()
    before = clock.now()
    machine.boot += 7200  # CLOCK_BOOTTIME runs on while the machine sleeps
    assert clock.now() == before + 7200


@given(steps=st.lists(st.tuples(st.floats(0, 1e4), st.floats(-1e6, 1e6)), max_size=20))
def test_it_never_runs_backwards_nor_slower_than_time(steps):
    with pytest.MonkeyPatch.context() as monkeypatch:
        machine = plug(monkeypatch)
        clock = SystemClock()
        last = clock.now()
        for passed, jump in steps:
            machine.pass_(passed)
            machine.wall += jump
            now = clock.now()
            assert now >= last + passed - 1e-3
            assert now >= machine.wall - 1e-3
            last = now


def test_the_real_machine():
    import time

    clock = SystemClock()
    assert clock.now() == pytest.approx(time.time(), abs=1.0)
    assert clock.now() <= clock.now()
    if hasattr(time, "CLOCK_BOOTTIME"):
        assert clocks._MONOTONIC == time.CLOCK_BOOTTIME
