"""How commands speak: tables for people, one JSON document for programs, faults on one line of stderr."""

import json
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.progress import Progress

WIDE = 200  # columns, where no terminal says how many it has: `| grep` sees whole lines

Document = dict[str, Any]
"""What `--json` prints."""


def print_json(document: Document) -> None:
    """Print one JSON document on one line, in ASCII: no name in it can steer a terminal."""
    sys.stdout.write(json.dumps(document) + "\n")


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, empty: str) -> None:
    """Print rows under their titles; the first column is never cut. `empty` is said of no rows."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for number, title in enumerate(columns):
        table.add_column(title, no_wrap=number == 0, overflow="fold")
    for row in rows:
        table.add_row(*(Text(printable(value)) for value in row))
    if table.row_count:
        Console(width=None if sys.stdout.isatty() else WIDE, highlight=False).print(table)
    else:
        print_line(empty)


def progress_bar(*, silent: bool, counted: str = "") -> "Progress":
    """Return a bar on stderr, if that is a terminal, for stdout is the result's.

    `counted` names what is done, where nobody knows beforehand how much there is to do.
    """
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    done = f"{{task.completed:.0f}} {counted}" if counted else "{task.percentage:.0f} %"
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn(done),
        TimeElapsedColumn(),
        *(() if counted else (TimeRemainingColumn(),)),
        console=Console(stderr=True),
        transient=True,
        disable=silent or not sys.stderr.isatty(),
    )


def print_facts(facts: Document) -> None:
    """Print names and values, one a line."""
    width = max(map(len, facts))
    for name, value in facts.items():
        print_line(f"{name.replace('_', ' '):<{width}}  {printable(value)}")


def print_line(text: str) -> None:
    """Print one line as it is; unlike a table's, it is never cut or wrapped."""
    sys.stdout.write(f"{printable(text)}\n")


def complain(sentence: str) -> None:
    """Tell of a fault or a doubt on one line of stderr."""
    sys.stderr.write(f"coatcheck: {printable(' '.join(sentence.split()))}\n")


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number with what is counted: `counted(2, "entry", "entries")`."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def printable(value: object) -> str:
    """Return the text of a value without anything that steers a terminal: clients choose their names."""
    match value:
        case None:
            text = "-"
        case bool():
            text = "yes" if value else "no"
        case str():
            text = value
        case list() | tuple():
            text = ", ".join(map(str, value)) or "-"
        case _:
            text = str(value)
    return "".join(character if character.isprintable() else "\ufffd" for character in text)
