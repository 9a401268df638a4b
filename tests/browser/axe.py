"""What axe-core has to say about a page."""

from playwright.sync_api import Page

from tests.house import ROOT

AXE = ROOT / "client" / "node_modules" / "axe-core" / "axe.min.js"


def faults(page: Page) -> list[list[str]]:
    """Return what it finds, in shadow roots too: each rule with the first element that breaks it."""
    found = "axe.run().then(({violations}) => violations.map(({id, nodes}) => [id, nodes[0].html]))"
    return page.evaluate(f"{AXE.read_text('utf-8')}; {found}")
