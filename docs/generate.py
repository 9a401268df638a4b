"""Writes what is made from the code: `python -m docs.generate`, or `--check` to compare only.

That is the schema of the HTTP API's answers for the browser client, and the generated parts of the pages.

A part stands between two markers, and everything outside them is written by hand:

    <!-- generated: lifetimes -->
    ...
    <!-- end -->

A second word is the part's argument: `<!-- generated: files core -->`.
"""

import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from coatcheck.web import wire
from docs.parts import (
    anomalies,
    benchmarks,
    commands,
    conformance,
    errors,
    events,
    metrics,
    policies,
    rooms,
    scale,
    stores,
)

DOCS = Path(__file__).parent
ROOT = DOCS.parent
SCHEMA = ROOT / "client/schema/wire.json"

Part = Callable[[str], str]


def _file(path: str) -> str:
    """Return a program as it is in its file."""
    return f"```python\n{(ROOT / path).read_text('utf-8').strip()}\n```"


PARTS: dict[str, Part] = {
    "anomaly-rules": anomalies.rule_table,
    "attribute-table": policies.attribute_table,
    "commands": commands.reference,
    "benchmarks": benchmarks.overheads,
    "figures": benchmarks.figures,
    "targets": benchmarks.targets,
    "scale": scale.arithmetic,
    "conformance": conformance.tables,
    "error-table": errors.error_table,
    "error-tree": errors.error_tree,
    "event-fields": events.common_fields,
    "event-table": events.event_table,
    "file": _file,
    "files": rooms.files,
    "imports": rooms.imports,
    "instruments": metrics.instruments,
    "lifetimes": policies.lifetimes_table,
    "outcome-table": errors.outcome_table,
    "problem-table": errors.problem_table,
    "reason-table": errors.reason_table,
    "schema": stores.schema,
}

_BLOCK = re.compile(
    r"(?P<start><!-- generated: (?P<name>[a-z-]+) ?(?P<argument>\S*) -->\n)"
    r"(?P<body>.*?)"
    r"(?P<end><!-- end -->)",
    re.DOTALL,
)


def pages() -> Iterator[Path]:
    """Yield every page, in order."""
    yield from sorted(DOCS.rglob("*.md"))


def written() -> Iterator[Path]:
    """Yield everything that may have generated parts: the pages, those beside them, the schema."""
    yield from pages()
    yield ROOT / "README.md"
    yield ROOT / "benchmarks" / "RESULTS.md"
    yield SCHEMA


def current(path: Path) -> str:
    """Return a file as it has to be now."""
    if path == SCHEMA:
        return json.dumps(wire.schema(), indent=2) + "\n"
    return rewrite(path.read_text("utf-8"))


def rewrite(text: str) -> str:
    """Return a page with its generated parts as the code has them now."""
    return _BLOCK.sub(_fill, text)


def stale() -> list[Path]:
    """Return the files that do not say what the code says."""
    return [path for path in written() if current(path) != path.read_text("utf-8")]


def main(arguments: list[str]) -> int:
    """Rewrite the files, or with `--check` tell which are stale; return the exit status."""
    outdated = stale()
    if "--check" not in arguments:
        for page in outdated:
            page.write_text(current(page), "utf-8")
        outdated = []
    for page in outdated:
        sys.stderr.write(f"{page.relative_to(ROOT)} is stale: run python -m docs.generate\n")
    return 1 if outdated else 0


def _fill(match: re.Match[str]) -> str:
    part = PARTS[match["name"]]
    return f"{match['start']}\n{part(match['argument']).strip()}\n\n{match['end']}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
