"""The locks pin every package by hash, name no place to get it from, and agree with pyproject.toml."""

import re
import tomllib
from collections.abc import Iterator

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house import ROOT

LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
PINNED = re.compile(r"^(?P<name>[a-z0-9-]+)==(?P<version>\S+)(?: ; [^#]+?)?(?: --hash=sha256:[0-9a-f]{64})+$")

each_lock = pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.stem)


def requirements(text: str) -> Iterator[str]:
    """The logical lines, without comments."""
    for line in re.sub(r"\s*\\\n\s*", " ", text).splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            yield line.strip()


def direct(group: list[str | dict[str, str]]) -> Iterator[Requirement]:
    """What pyproject.toml asks for by name; references to itself and to other groups are not names."""
    for item in group:
        if isinstance(item, str) and not item.startswith("coatcheck["):
            yield Requirement(item)


def test_there_is_a_lock_for_each_set_up():
    assert [lock.stem for lock in LOCKS] == ["demo", "dev", "docs"]


@each_lock
def test_every_requirement_is_pinned_and_hashed(lock):
    loose = [line for line in requirements(lock.read_text("utf-8")) if not PINNED.match(line)]
    assert not loose


@each_lock
def test_no_lock_names_an_address(lock):
    text = lock.read_text("utf-8")
    assert "://" not in text
    assert " @ " not in text


def test_the_development_lock_satisfies_everything_that_is_declared():
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    groups = pyproject["dependency-groups"]
    declared = [
        pyproject["project"]["dependencies"],
        *pyproject["project"]["optional-dependencies"].values(),
        *(groups[name] for name in ("build", "dev", "bench")),
    ]
    lines = requirements((ROOT / "requirements" / "dev.txt").read_text("utf-8"))
    locked = {found["name"]: found["version"] for line in lines if (found := PINNED.match(line))}
    unmet = [
        str(wanted)
        for group in declared
        for wanted in direct(group)
        if not wanted.specifier.contains(locked.get(canonicalize_name(wanted.name), "0"), prereleases=True)
    ]
    assert not unmet, "run `make lock`"
