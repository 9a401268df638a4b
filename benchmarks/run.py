"""How the figures came about: the machine, the day, and whose versions they are."""

import platform
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

PACKAGES = (
    *("coatcheck", "starlette", "fastapi", "litestar", "django", "flask"),
    *("starsessions", "fastapi-redis-sdk", "crudauth", "flask-session"),
    *("msgspec", "redis", "asyncpg", "uvicorn"),
)


def _machine() -> str:
    names = (line.split(":")[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name"))
    cores = sum(line.startswith("processor") for line in _lines("/proc/cpuinfo"))
    return f"{next(names, platform.machine())}, {cores} cores, {platform.system()} {platform.release()}"


def _lines(path: str) -> list[str]:
    file = Path(path)
    return file.read_text().splitlines() if file.exists() else []


@dataclass(frozen=True)
class Run:
    """One call of the benchmarks.

    Attributes:
        arguments: What it was given.
    """

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

    @property
    def lines(self) -> list[str]:
        """What a page says of it."""
        installed = ", ".join(f"{name} {number}" for name, number in self.versions.items())
        return [
            f"- Command: `{self.command}`",
            f"- Date: {self.date}",
            f"- Machine: {self.machine}",
            f"- {self.python}; {installed}",
        ]
