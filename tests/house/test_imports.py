"""Who may import whom: the contracts of pyproject.toml hold, and they have teeth."""

import os
import shutil
import subprocess
import sys

import grimp
import pytest

from tests.house import PACKAGE, ROOT

LINT = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_cache=True))"


def lint(root):
    """Run the linter on a tree of its own; in a process of its own, for it keeps settings per process."""
    environment = os.environ | {"PYTHONPATH": str(root / "src")}
    return subprocess.run(
        [sys.executable, "-c", LINT],
        cwd=root,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )


@pytest.fixture
def copy(tmp_path):
    shutil.copytree(PACKAGE, tmp_path / "src" / "coatcheck", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_every_contract_is_kept():
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    "offence",
    [
        "import coatcheck.manager",
        "def late():\n    import coatcheck.manager",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import coatcheck.manager",
        "import asyncio",
        "import secrets",
    ],
    ids=["arrow up", "inside a function", "for types only", "event loop", "randomness"],
)
def test_the_linter_sees_an_offence_in_the_core(copy, offence):
    package = copy / "src" / "coatcheck"
    if not (package / "manager").exists():
        (package / "manager.py").touch()
    (package / "core" / "offender.py").write_text(offence + "\n", "utf-8")
    result = lint(copy)
    assert result.returncode == 1
    assert "coatcheck.core.offender" in result.stdout


def test_the_front_door_opens_on_the_core_and_the_manager_only():
    graph = grimp.build_graph("coatcheck", cache_dir=None)
    behind = graph.find_modules_directly_imported_by("coatcheck")
    assert all(name.startswith(("coatcheck.core", "coatcheck.manager")) for name in behind)
