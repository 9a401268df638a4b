"""The targets hold for the input they begin with and for what is close to it, atheris or not."""

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz import __main__ as fuzz
from tests.fuzz.targets import TARGETS


def test_every_target_can_be_named():
    assert set(fuzz.NAMES) == set(TARGETS)


@pytest.mark.parametrize("name", TARGETS)
def test_what_is_real_holds(name):
    for seed in TARGETS[name].seeds:
        TARGETS[name].holds(seed)


@pytest.mark.parametrize("name", TARGETS)
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_what_is_close_to_it_holds(name, data):
    target = TARGETS[name]
    seed = data.draw(st.sampled_from(target.seeds))
    at = data.draw(st.integers(0, len(seed)))
    target.holds(seed[:at] + data.draw(st.binary(max_size=3)) + seed[at + data.draw(st.integers(0, 3)) :])


def test_without_atheris_nothing_is_fuzzed_and_that_is_said(monkeypatch, capsys):
    monkeypatch.setattr(fuzz, "find_spec", lambda name: None)
    assert fuzz.main(["--seconds", "1", "token"]) == 0
    assert "pip install 'atheris" in capsys.readouterr().err


def test_a_target_that_is_none_is_told():
    command = [sys.executable, "-m", "tests.fuzz", "nobody"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert answer.returncode == 2
    assert "there is no target nobody" in answer.stderr


def test_the_status_tells_what_did_not_hold(monkeypatch, capsys):
    monkeypatch.setattr(fuzz, "find_spec", lambda name: True)
    monkeypatch.setattr(fuzz, "_run", lambda name, seconds: name != "cookie")
    assert fuzz.main([]) == 1
    assert capsys.readouterr().err == "cookie: something does not hold, see above\n"
    assert fuzz.main(["token"]) == 0
