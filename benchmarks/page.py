"""What a part found out, tables and targets, as Markdown: a terminal shows it as well."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from benchmarks.run import Run

Row = tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """Figures under a heading.

    Attributes:
        head: Names of the columns.
        rows: The figures, as they are shown.
        note: What one has to know to read them.
    """

    title: str
    head: Row
    rows: Sequence[Row]
    note: str = ""


@dataclass(frozen=True)
class Verdict:
    """A target, and the figure that was reached.

    Attributes:
        what: What was measured.
        limit: At most so much, or at least.
        measured: So much it was.
        at_least: The limit is a floor.
        unit: Of both.
    """

    what: str
    limit: float
    measured: float
    at_least: bool = False
    unit: str = ""

    @property
    def met(self) -> bool:
        return self.measured >= self.limit if self.at_least else self.measured <= self.limit

    @property
    def row(self) -> Row:
        bound = "at least" if self.at_least else "at most"
        unit = f" {self.unit}" if self.unit else ""
        met = "yes" if self.met else "NO"
        measured = f"{self.measured:.3g}" if self.measured < 1_000 else f"{self.measured:,.0f}"
        return self.what, f"{bound} {self.limit:,g}{unit}", f"{measured}{unit}", met


@dataclass(frozen=True)
class Page:
    """One part's findings.

    Attributes:
        title: Of the page.
        about: What was measured, and how, in Markdown.
        tables: The figures.
        verdicts: The targets.
    """

    title: str
    about: str
    tables: Sequence[Table]
    verdicts: Sequence[Verdict] = field(default_factory=tuple)

    def markdown(self, run: Run) -> str:
        parts = [f"# {self.title}", "", *self.about.strip().splitlines(), "", *run.lines]
        for table in self.tables:
            parts += ["", f"## {table.title}", "", *_aligned(table.head, table.rows)]
            parts += ["", *table.note.splitlines()] if table.note else []
        if self.verdicts:
            rows = [verdict.row for verdict in self.verdicts]
            parts += ["", "## Targets", "", *_aligned(("what", "target", "measured", "met"), rows)]
        return "\n".join(parts) + "\n"

    def as_json(self, run: Run) -> dict[str, Any]:
        """Return everything the page says, for a program."""
        verdicts = [asdict(verdict) | {"met": verdict.met} for verdict in self.verdicts]
        return {"run": asdict(run), "tables": [asdict(table) for table in self.tables], "targets": verdicts}


def _aligned(head: Row, rows: Iterable[Row]) -> list[str]:
    rows = list(rows)
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return [_line(head, widths), rule, *(_line(row, widths) for row in rows)]


def _line(row: Row, widths: list[int]) -> str:
    return "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
