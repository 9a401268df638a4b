"""The figures as a page of Markdown, which a terminal shows as well, and as JSON."""

import platform
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure, Outcome, outcomes, ratio
from benchmarks.variant import PATHS

PACKAGES = ("coatcheck", "starlette", "starsessions", "litestar", "msgspec", "itsdangerous")


def _machine() -> str:
    names = (line.split(":")[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name"))
    cores = sum(line.startswith("processor") for line in _lines("/proc/cpuinfo"))
    return f"{next(names, platform.machine())}, {cores} cores, {platform.system()} {platform.release()}"


def _lines(path: str) -> list[str]:
    file = Path(path)
    return file.read_text().splitlines() if file.exists() else []


@dataclass(frozen=True)
class Run:
    """How the figures came about."""

    rounds: int
    requests: int
    arguments: Sequence[str]
    date: str = field(default_factory=lambda: datetime.now(UTC).date().isoformat())
    machine: str = field(default_factory=_machine)
    python: str = field(
        default_factory=lambda: f"{platform.python_implementation()} {platform.python_version()}"
    )
    versions: dict[str, str] = field(default_factory=lambda: {name: version(name) for name in PACKAGES})

    @property
    def command(self) -> str:
        given = f' ARGS="{shlex.join(self.arguments)}"' if self.arguments else ""
        return f"make bench{given}"


def markdown(run: Run, found: Sequence[Figure]) -> str:
    installed = ", ".join(f"{name} {number}" for name, number in run.versions.items())
    parts = [
        "# What a session costs",
        "",
        "Written by the benchmark itself; see `benchmarks/` for what is measured. The time each library adds",
        "to the same bare application, in microseconds per request: median and quartiles of",
        f"{run.rounds} interleaved rounds, {run.requests} requests per sample; in-process ASGI, no network.",
        "Coatcheck's figures include what the other session layers leave to others: route rules, checks",
        "of the sender, rotation of the token, and the idle timeout. Security headers are another layer.",
        "",
        f"- Command: `{run.command}`",
        f"- Date: {run.date}",
        f"- Machine: {run.machine}",
        f"- {run.python}; {installed}",
    ]
    for scenario in PATHS:
        chosen = [figure for figure in found if figure.scenario == scenario]
        parts += ["", f"## {scenario.capitalize()}", "", *_table(_figure_rows(chosen, found))]
    parts += ["", "## Targets", "", *_table(_target_rows(outcomes(found)))]
    return "\n".join(parts) + "\n"


def as_json(run: Run, found: Sequence[Figure]) -> dict[str, Any]:
    """Return everything the page says, for a program; times in microseconds."""
    return {
        "run": asdict(run) | {"command": run.command},
        "figures": [asdict(figure) | {"of_starlette": ratio(figure, found)} for figure in found],
        "targets": [
            asdict(outcome.target) | {"ratio": outcome.ratio, "met": outcome.met}
            for outcome in outcomes(found)
        ],
    }


def _figure_rows(chosen: Sequence[Figure], found: Sequence[Figure]) -> Iterable[tuple[str, ...]]:
    yield "variant", "request", "adds", "quartiles", "of Starlette's"
    for figure in chosen:
        low, high = figure.quartiles
        share = ratio(figure, found)
        yield (
            figure.name,
            f"{figure.total:.1f}",
            "" if figure.overhead is None else f"{figure.overhead:+.1f}",
            f"{low:.1f} to {high:.1f}",
            "" if share is None else f"{share:.2f}",
        )


def _target_rows(judged: Sequence[Outcome]) -> Iterable[tuple[str, ...]]:
    yield "variant", "scenario", "at most", "measured", "met"
    for outcome in judged:
        target = outcome.target
        met = "yes" if outcome.met else "NO"
        yield target.name, target.scenario, f"{target.limit:.2f}", f"{outcome.ratio:.2f}", met


def _table(rows: Iterable[tuple[str, ...]]) -> list[str]:
    head, *body = rows
    widths = [max(map(len, column)) for column in zip(head, *body, strict=True)]
    lines = [_line(row, widths) for row in (head, *body)]
    return [lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]]


def _line(row: tuple[str, ...], widths: list[int]) -> str:
    return "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
