"""The rooms of the house as they are: their files, and who imports whom."""

import ast
import sys
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
    """Return which rooms and which packages each room imports."""
    rows = []
    for floor, rooms in FLOORS:
        for room in rooms:
            others, packages = imported_by(room)
            rows.append((str(floor), f"`{room}`", _names(others), _names(packages)))
    return table(("floor", "room", "imports rooms", "imports packages"), rows)


def imported_by(room: str) -> tuple[set[str], set[str]]:
    """Return the other rooms, and the packages from elsewhere, that a room's files import anywhere."""
    names: set[str] = set()
    for path in (PACKAGE / room).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names |= {node.module or ""} if isinstance(node, ast.ImportFrom) else set()
            names |= {alias.name for alias in node.names} if isinstance(node, ast.Import) else set()
    rooms = {name.split(".")[1] for name in names if name.startswith("coatcheck.")}
    packages = {name.split(".")[0] for name in names} - sys.stdlib_module_names - {"coatcheck"}
    return rooms - {room}, packages


def _names(names: set[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names)) or "nothing"
