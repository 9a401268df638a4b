"""What is committed must mean the same on every machine, and must be finished."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house import PACKAGE, ROOT

# In halves, so that this file does not hold what it looks for.
REGISTRIES = [
    ("pypi", "org"),
    ("pythonhosted", "org"),
    ("npmjs", "org"),
    ("npmjs", "com"),
    ("yarnpkg", "com"),
    ("jsdelivr", "net"),
    ("unpkg", "com"),
]
MARKERS = [("TO", "DO"), ("FIX", "ME"), ("XX", "X")]

HOST = re.compile("|".join(rf"\b{name}\.{domain}\b" for name, domain in REGISTRIES))
# The home of a person or of root, or a folder that one machine has at its top. A path in a URL is none.
MACHINE_PATH = re.compile(r"(?<![\w.~:/-])/(?:(?:home|Users)/[a-z][\w-]*|root|work|mnt)/[\w.]")
UNFINISHED = re.compile("|".join(rf"\b{''.join(halves)}\b" for halves in MARKERS))


def tracked() -> list[Path]:
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True)
    paths = [ROOT / name for name in listing.stdout.split("\0") if name]
    return [path for path in paths if path.is_file()]  # less what is deleted but not committed yet


def findings(pattern: re.Pattern[str], paths: list[Path]) -> Iterator[str]:
    for path in paths:
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:  # a picture or a font
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if found := pattern.search(line):
                yield f"{path.relative_to(ROOT)}:{number}: {found.group()}"


def test_no_tracked_file_names_a_registry():
    assert not list(findings(HOST, tracked()))


def test_no_tracked_file_names_a_path_of_one_machine():
    assert not list(findings(MACHINE_PATH, tracked()))


def test_nothing_in_the_library_is_marked_unfinished():
    assert not list(findings(UNFINISHED, [path for path in PACKAGE.rglob("*") if path.is_file()]))


@pytest.mark.parametrize("path", ["/" + "root/.cache", "/" + "home/ann/coatcheck", "cd /" + "work/x"])
def test_a_machine_path_is_recognised(path):
    assert MACHINE_PATH.search(path)


@pytest.mark.parametrize("text", ["https://example.org/work/1", "src/work/x", "/home", "/workshop/1"])
def test_a_path_in_a_url_is_left_alone(text):
    assert not MACHINE_PATH.search(text)
