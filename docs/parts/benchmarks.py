"""The figures of the last benchmark run that was kept, from benchmarks/RESULTS.md."""

import re
from pathlib import Path

from docs.parts.docstrings import table

RESULTS = Path(__file__).resolve().parents[2] / "benchmarks" / "RESULTS.md"
OURS = ("Coatcheck, memory", "Coatcheck, SQLite")
PEERS = ("Starlette, signed cookie", "starsessions, memory", "Litestar, memory")

_SCENARIO = re.compile(r"^## (.+?)\n(.*?)(?=^## |\Z)", re.DOTALL | re.MULTILINE)


def overheads(_: str = "") -> str:
    """Return what each library adds to a request, in microseconds."""
    variants = (*OURS, *PEERS)
    rows = []
    for scenario, body in _SCENARIO.findall(RESULTS.read_text("utf-8")):
        cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in body.splitlines()]
        added = {cell[0]: cell[2].lstrip("+") for cell in cells if cell}
        if added.keys() >= set(variants):
            rows.append((scenario.lower(), *(added[variant] for variant in variants)))
    return table(("microseconds added", *variants), rows)
