"""The figures of the last benchmark runs that were kept, from benchmarks/results."""

import re
from collections.abc import Iterator
from pathlib import Path

from docs.parts.docstrings import table

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
RESULTS = BENCHMARKS / "results"
SHOWN = (
    *("Coatcheck, memory", "Coatcheck, SQLite", "Coatcheck, PostgreSQL", "Coatcheck, Redis"),
    *("Starlette, signed cookie", "starsessions, memory", "Litestar, memory"),
    *("starsessions, Redis", "Litestar, Redis", "fastapi-redis-sdk", "crudauth, Redis"),
    *("Django, cache", "Django, db", "Flask-Session, Redis", "better-auth, Redis"),
)

_SECTION = re.compile(r"^## (.+?)\n(.*?)(?=^## |\Z)", re.DOTALL | re.MULTILINE)
_TITLE = re.compile(r"^# (.+)$", re.MULTILINE)


def overheads(_: str = "") -> str:
    """Return what each library adds to a request, in microseconds."""
    sections = {title.lower(): rows for title, _, rows in _tables("overhead") if title != "Targets"}
    added = {title: {row[0]: row[2].lstrip("+") for row in rows} for title, rows in sections.items()}
    rows = [(name, *(figures.get(name, "") for figures in added.values())) for name in SHOWN]
    return table(("microseconds added", *added), [row for row in rows if any(row[1:])])


def figures(name: str) -> str:
    """Return one table of a results page: `page/title`, the title in lower case with hyphens for spaces."""
    head, *rows = _found(*name.split("/"))
    return table(head, rows)


def rows_of(page: str, wanted: str) -> list[list[str]]:
    """Return the rows of that table."""
    return _found(page, wanted)[1:]


def targets(_: str = "") -> str:
    """Return the targets of every results page."""
    found = [
        (f"[{_title(path)}](results/{path.name})", *row)
        for path in sorted(RESULTS.glob("*.md"))
        for title, _, rows in _tables(path.stem)
        if title == "Targets"
        for row in rows
    ]
    return table(("page", "what", "target", "measured", "met"), found)


def _found(page: str, wanted: str) -> list[list[str]]:
    for title, head, rows in _tables(page):
        if title.lower().replace(" ", "-") == wanted:
            return [head, *rows]
    raise LookupError(f"{page} has no table {wanted}")


def _title(path: Path) -> str:
    found = _TITLE.search(path.read_text("utf-8"))
    return found[1] if found else path.stem


def _tables(page: str) -> Iterator[tuple[str, list[str], list[list[str]]]]:
    """Yield each table of a page: its title, its head, and its rows."""
    for title, body in _SECTION.findall((RESULTS / f"{page}.md").read_text("utf-8")):
        lines = [line for line in body.splitlines() if line.startswith("|")]
        if lines:
            head, _, *rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]
            yield title, head, rows
