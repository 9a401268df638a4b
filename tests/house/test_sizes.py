"""The sizes that docs/architecture.md promises, measured on the tree."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from statistics import median

import pytest

from tests.house import PACKAGE, ROOT

FILE_LINES = 250
MEDIAN_LINES = 110
FUNCTION_LINES = 40
CONSTRUCTOR_PARAMETERS = 8
POLICY_FIELDS = 8
POLICIES = {"Lifetimes", "RouteRules"}
NAMES_THAT_SAY_NOTHING = {"utils", "helpers", "common", "misc", "base", "types"}
SUFFIXES = {".py", ".css", ".html", ".js", ".sql", ".ts", ".tsx"}


def sources(tree: str) -> list[Path]:
    """Every file that somebody wrote, in the library or in the browser client."""
    folders = [PACKAGE] if tree == "library" else sorted(ROOT.glob("client/packages/*/src"))
    files = (path for folder in folders for path in folder.rglob("*"))
    return sorted(path for path in files if path.is_file() and path.suffix in SUFFIXES)


def modules() -> list[Path]:
    return [path for path in sources("library") if path.suffix == ".py"]


@cache
def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


def nodes(*kinds: type[ast.AST]) -> Iterator[tuple[str, ast.AST]]:
    for path in modules():
        for node in ast.walk(parse(path)):
            if isinstance(node, kinds):
                yield f"{path.relative_to(ROOT)}:{node.lineno}", node


def lines(path: Path) -> int:
    return len(path.read_text("utf-8").splitlines())


def body_without_docstring(node: ast.Module | ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.stmt]:
    return node.body[1:] if ast.get_docstring(node, clean=False) is not None else node.body


def function_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    whole = node.end_lineno - node.lineno + 1
    if ast.get_docstring(node, clean=False) is None:
        return whole
    docstring = node.body[0]
    return whole - (docstring.end_lineno - docstring.lineno + 1)


def parameters(node: ast.FunctionDef) -> int:
    spec = node.args
    named = len(spec.posonlyargs) + len(spec.args) + len(spec.kwonlyargs) - 1  # less self
    return named + bool(spec.vararg) + bool(spec.kwarg)


def fields(node: ast.ClassDef) -> int:
    declared = [item for item in node.body if isinstance(item, ast.AnnAssign)]
    return sum("ClassVar" not in ast.unparse(item.annotation) for item in declared)


@pytest.mark.parametrize("tree", ["library", "client"])
def test_no_file_is_longer_than_250_lines(tree):
    too_long = {
        str(path.relative_to(ROOT)): lines(path) for path in sources(tree) if lines(path) > FILE_LINES
    }
    assert not too_long


@pytest.mark.parametrize("tree", ["library", "client"])
def test_the_median_file_has_at_most_110_lines(tree):
    # An __init__.py that holds a docstring alone would only flatter the number.
    counted = [p for p in sources(tree) if p.suffix != ".py" or body_without_docstring(parse(p))]
    assert median([lines(path) for path in counted] or [0]) <= MEDIAN_LINES


def test_no_function_is_longer_than_40_lines():
    too_long = {
        f"{place} {node.name}": function_lines(node)
        for place, node in nodes(ast.FunctionDef, ast.AsyncFunctionDef)
        if function_lines(node) > FUNCTION_LINES
    }
    assert not too_long


def test_no_constructor_takes_more_than_8_parameters():
    too_many = {
        place: parameters(node)
        for place, node in nodes(ast.FunctionDef)
        if node.name == "__init__" and parameters(node) > CONSTRUCTOR_PARAMETERS
    }
    assert not too_many


def test_no_policy_has_more_than_8_fields():
    too_many = {
        f"{place} {node.name}": fields(node)
        for place, node in nodes(ast.ClassDef)
        if (node.name in POLICIES or node.name.endswith("Policy")) and fields(node) > POLICY_FIELDS
    }
    assert not too_many


@pytest.mark.parametrize("tree", ["library", "client"])
def test_every_file_and_folder_is_named_for_what_it_holds(tree):
    paths = [path.relative_to(ROOT) for path in sources(tree)]
    vague = {str(path) for path in paths if NAMES_THAT_SAY_NOTHING & {*path.parts[:-1], path.stem}}
    assert not vague
