"""The checklist: requirements of the standards, and the tests that prove them.

`docs/conformance.toml` holds the rows. A row names tests by their pytest node ids, and attacks by
their numbers; an attack's test is the one in tests/attack whose name begins with its number.
"""

import ast
import re
import tomllib
from functools import cache
from pathlib import Path

import msgspec

from docs.parts.docstrings import table

ROOT = Path(__file__).resolve().parents[2]
TABLE = ROOT / "docs" / "conformance.toml"
CONTRACT = ROOT / "src" / "coatcheck" / "testing" / "contract"
CONTRACT_CLASS = "StoreContract"

HELD = "held"
UNPROVEN = "unproven"


class Row(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One requirement.

    Attributes:
        id: Its name in the standard.
        text: The requirement on one line.
        level: ASVS level, NIST's verb, or BP for best practice.
        status: `held`, `partly` or `not ours`.
        reason: Why it is not held, or not wholly.
        tests: Node ids of tests.
        attacks: Numbers of attacks.
    """

    id: str
    text: str
    level: str
    status: str = HELD
    reason: str = ""
    tests: tuple[str, ...] = ()
    attacks: tuple[int, ...] = ()

    @property
    def proofs(self) -> list[str]:
        """The node ids of all its tests."""
        return [*self.tests, *(id for attack in self.attacks for id in attack_tests(attack))]

    @property
    def shown_status(self) -> str:
        """The status; what is said to be held without any test is unproven."""
        return UNPROVEN if self.status == HELD and not self.proofs else self.status


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Requirements on one subject."""

    title: str
    rows: tuple[Row, ...]


def sections() -> list[Section]:
    """Return the machine-readable table."""
    return msgspec.convert(tomllib.loads(TABLE.read_text("utf-8"))["section"], list[Section])


def tables(_: str = "") -> str:
    """Return the page's tables, after a count of each status."""
    rows = [row for section in sections() for row in section.rows]
    statuses = [row.shown_status for row in rows]
    counts = ", ".join(f"{statuses.count(status)} {status}" for status in dict.fromkeys(sorted(statuses)))
    parts = [f"{len(rows)} requirements: {counts}."]
    for section in sections():
        lines = [
            (f"**{row.id}**<br>{row.level}", row.text, row.shown_status, _evidence(row))
            for row in section.rows
        ]
        titles = ("id and level", "requirement", "status", "proof")
        parts += [f"## {section.title}", table(titles, lines)]
    return "\n\n".join(parts)


@cache
def test_ids() -> frozenset[str]:
    """Return the node ids of every test, read from the files without running them."""
    contract = {name for path in CONTRACT.glob("*.py") for _, name in _tests(path)}
    found = set()
    for path in (ROOT / "tests").rglob("test_*.py"):
        place = path.relative_to(ROOT).as_posix()
        found |= {f"{place}::{prefix}{name}" for prefix, name in _tests(path)}
        found |= {f"{place}::{name}::{test}" for name in _store_suites(path) for test in contract}
    return frozenset(found)


def attack_tests(number: int) -> list[str]:
    """Return the node ids of the tests that play an attack."""
    starts = f"::test_a{number:02}_"
    return sorted(id for id in test_ids() if id.startswith("tests/attack/") and starts in id)


def _evidence(row: Row) -> str:
    """Return the reason, and what the tests say: a test's name is the sentence that it proves."""
    by_file: dict[str, list[str]] = {}
    for proof in row.proofs:
        place, _, name = proof.removeprefix("tests/").partition("::")
        by_file.setdefault(place, []).append(_sentence(name.rpartition("::")[2]))
    said = [f"`{place}`: {'; '.join(names)}" for place, names in by_file.items()]
    return "<br>".join(filter(None, (row.reason, *said)))


def _sentence(name: str) -> str:
    words = name.removeprefix("test_").split("_")
    attack = re.fullmatch(r"a0*(\d+)", words[0])
    return " ".join((f"A{attack[1]}", *words[1:]) if attack else words)


@cache
def _parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def _tests(path: Path) -> list[tuple[str, str]]:
    """Return (prefix, name) of the tests of a file; the prefix is the class with `::`, or empty."""
    owners: list[tuple[str, ast.Module | ast.ClassDef]] = [("", _parse(path))]
    owners += [(f"{node.name}::", node) for node in _parse(path).body if isinstance(node, ast.ClassDef)]
    return [
        (prefix, node.name)
        for prefix, owner in owners
        for node in owner.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    ]


def _store_suites(path: Path) -> list[str]:
    """Return the classes of a file that run the store contract."""
    classes = [node for node in _parse(path).body if isinstance(node, ast.ClassDef)]
    return [
        node.name
        for node in classes
        if any(isinstance(base, ast.Name) and base.id == CONTRACT_CLASS for base in node.bases)
    ]
