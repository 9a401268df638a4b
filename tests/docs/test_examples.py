"""The examples that the pages show run, and say what the pages say."""

import importlib.util

import pytest

from docs.generate import ROOT

EXAMPLES = ROOT / "examples"


def load(name):
    spec = importlib.util.spec_from_file_location(f"examples_{name}", EXAMPLES / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


async def test_a_manager_alone():
    assert await load("manager_alone").main() == "Ada has ['hat']"


async def test_typed_data():
    assert await load("typed_data").main() == ["hat"]


async def test_doubles():
    await load("test_with_doubles").time_out()


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.stem)
def test_an_example_fits_on_a_screen(path):
    assert len(path.read_text("utf-8").splitlines()) <= 60
