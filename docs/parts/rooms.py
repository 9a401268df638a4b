"""The rooms of the house as they are: their files, and who imports whom."""

import ast
from pathlib import Path

import coatcheck
from docs.parts.docstrings import table

PACKAGE = Path(coatcheck.__file__).parent
FLOORS = (
    (7, ("cli",)),
    (6, ("demo",)),
    (5, ("adapters",)),
    (4, ("web", "admin")),
    (3, ("login", "tokens", "watch")),
    (2, ("manager", "stores", "testing")),
    (1, ("core",)),
)


def files(room: str) -> str:
    """Return the files of a room, each with the first line of its docstring."""
    rows = []
    for path in sorted((PACKAGE / room).rglob("*.py")):
        purpose = (ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "").partition("\n")[0]
        rows.append((f"`{path.relative_to(PACKAGE / room).as_posix()}`", purpose))
    return table(("file", "purpose"), rows)


def imports(_: str = "") -> str:
    """Return which rooms each room imports."""
    rows = [
        (str(floor), f"`{room}`", ", ".join(f"`{other}`" for other in sorted(imported_by(room))) or "nothing")
        for floor, rooms in FLOORS
        for room in rooms
        if (PACKAGE / room).is_dir()
    ]
    return table(("floor", "room", "imports"), rows)


def imported_by(room: str) -> set[str]:
    """Return the other rooms that a room's files name in imports, wherever in the file they stand."""
    found: set[str] = set()
    for path in (PACKAGE / room).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            found |= {name.split(".")[1] for name in names if name.startswith("coatcheck.")}
    return found - {room}
