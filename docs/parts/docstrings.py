"""Reading Google-style docstrings, and writing Markdown tables."""

import inspect
import re
from collections.abc import Iterable, Sequence

_ATTRIBUTE = re.compile(r"^    (\w+): ", re.MULTILINE)


def summary(owner: object) -> str:
    """Return the first sentence of a docstring, on one line."""
    return " ".join((inspect.getdoc(owner) or "").partition("\n\n")[0].split())


def attributes(owner: object) -> dict[str, str]:
    """Return what the `Attributes:` section says of each attribute."""
    _, _, section = (inspect.getdoc(owner) or "").partition("Attributes:\n")
    parts = _ATTRIBUTE.split(section.partition("\n\n")[0])
    return {name: " ".join(text.split()) for name, text in zip(parts[1::2], parts[2::2], strict=True)}


def table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [titles, ["---"] * len(titles), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '&#124;') for cell in line)} |" for line in lines)
