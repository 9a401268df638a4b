"""Pages: they are listed, their links resolve, and their code is a file that runs."""

import re
import unicodedata

import pytest
import yaml

from docs.generate import DOCS, ROOT, pages

PAGES = list(pages())
READABLE = [*PAGES, *sorted(ROOT.glob("*.md"))]

_FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_ONLY_MKDOCS = re.compile(r"^(?:!!! .*|\?\?\? .*|:   .*|``` \{.*|--8<-- .*)$", re.MULTILINE)
_PYTHON = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)

each_page = pytest.mark.parametrize("page", READABLE, ids=lambda path: path.relative_to(ROOT).as_posix())


def prose(page):
    return _FENCE.sub("", page.read_text("utf-8"))


def anchors(page):
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {slug(heading) for heading in headings}


def slug(heading):
    """As the toc extension of Python-Markdown makes it."""
    text = unicodedata.normalize("NFKD", heading).encode("ascii", "ignore").decode()
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", text).strip().lower())


def listed(nav):
    for entry in nav:
        for target in entry.values():
            yield from listed(target) if isinstance(target, list) else [target]


@each_page
def test_every_link_between_pages_resolves(page):
    broken = []
    for link in _LINK.findall(prose(page)):
        target, _, anchor = link.partition("#")
        if "://" in target or target.startswith("mailto:"):
            continue
        found = (page.parent / target).resolve() if target else page
        if not found.exists() or (anchor and anchor not in anchors(found)):
            broken.append(link)
    assert not broken


def test_the_navigation_lists_each_page_once():
    nav = yaml.safe_load((ROOT / "mkdocs.yml").read_text("utf-8"))["nav"]
    assert sorted(listed(nav)) == [page.relative_to(DOCS).as_posix() for page in PAGES]


@pytest.mark.parametrize("entrance", [ROOT / "README.md", DOCS / "index.md"], ids=lambda path: path.name)
def test_both_entrances_lead_to_each_page(entrance):
    linked = {(entrance.parent / link.partition("#")[0]).resolve() for link in _LINK.findall(prose(entrance))}
    assert set(PAGES) - linked <= {DOCS / "index.md"}


@each_page
def test_a_page_reads_well_in_the_repository_too(page):
    assert _ONLY_MKDOCS.findall(page.read_text("utf-8")) == []


def test_every_example_is_shown_somewhere_as_it_is():
    everything = "".join(page.read_text("utf-8") for page in READABLE)
    examples = [path.relative_to(ROOT).as_posix() for path in (ROOT / "examples").glob("*.py")]
    assert not [path for path in examples if f"<!-- generated: file {path} -->" not in everything]


@each_page
def test_code_that_is_no_file_is_valid_python(page):
    for block in _PYTHON.findall(page.read_text("utf-8")):
        indented = "".join(f"    {line}\n" for line in block.splitlines())
        compile(f"async def page():\n{indented}", str(page), "exec")
