"""The core stands on the standard library and one serialisation library."""

import subprocess
import sys

PROGRAM = """
import importlib, pkgutil, sys
import msgspec, secrets  # with whatever these two need themselves
before = set(sys.modules)
import coatcheck.core
for module in pkgutil.walk_packages(coatcheck.core.__path__, "coatcheck.core."):
    importlib.import_module(module.name)
    print("core", module.name)
for name in sorted({name.partition(".")[0] for name in set(sys.modules) - before}):
    if name not in sys.stdlib_module_names:
        print("top", name)
for name in ("asyncio", "logging", "sqlite3", "ssl", "socket"):
    if name in set(sys.modules) - before:
        print("heavy", name)
"""
# Importing any module of the core runs `coatcheck/__init__.py`, which imports the manager: bypass it.
BYPASS = """
import importlib.util, sys, types
root = types.ModuleType("coatcheck")
root.__path__ = list(importlib.util.find_spec("coatcheck").submodule_search_locations)
sys.modules["coatcheck"] = root
"""


def test_core_imports_the_standard_library_and_msgspec_only():
    answer = subprocess.run(
        [sys.executable, "-c", BYPASS + PROGRAM], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert [line for line in answer if line.startswith("top")] == ["top coatcheck"]
    assert len([line for line in answer if line.startswith("core")]) >= 20
    assert [line for line in answer if line.startswith("heavy")] == []
