"""The drawn tree of the house: what it names is there, and no folder of the package is left out."""

import re

from docs.generate import DOCS, ROOT

PACKAGE = ROOT / "src/coatcheck"


def drawn():
    """Yield every path that the tree names: a folder, or a file without its ending."""
    page = (DOCS / "architecture.md").read_text("utf-8")
    folders = {}
    for line in re.search(r"^```text\n(.*?)^```", page, re.DOTALL | re.MULTILINE)[1].splitlines():
        depth = len(line) - len(line.lstrip())
        above = max((indent for indent in folders if indent < depth), default=None)
        base = ROOT if above is None else folders[above]
        folders = {indent: folder for indent, folder in folders.items() if indent < depth}
        for name in re.split(r"\s{2,}", line.strip())[0].split(", "):
            yield base / name
            if name.endswith("/"):
                folders[depth] = base / name


def test_what_the_tree_names_is_there():
    assert not [path for path in drawn() if not path.exists() and not path.with_suffix(".py").exists()]


def test_every_package_is_in_the_tree():
    packages = {path.parent for path in PACKAGE.rglob("__init__.py")}
    assert packages <= set(drawn())
