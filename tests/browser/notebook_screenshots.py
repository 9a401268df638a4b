"""Takes the pictures of the React example and the warning: `python -m tests.browser.notebook_screenshots`."""

import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.browser.notebook import Notebook, build_page, running_notebook
from tests.browser.running import running_browser
from tests.browser.screenshots import FOLDER, SIZES
from tests.browser.tour import NOTE

# Long enough that a picture taken at once shows whole minutes, or nearly.
SOON = ("--idle", "121", "--warning", "120")
LIMIT = ("--absolute", "121", "--warning", "120")


def main() -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        sync_playwright() as playwright,
        running_browser(playwright) as browser,
    ):
        page = build_page(Path(folder))
        for name, times in {"warning": SOON, "warning-limit": LIMIT}.items():
            with running_notebook(page, *times) as notebook:
                visit(browser, notebook, name)


def visit(browser: Browser, notebook: Notebook, name: str) -> None:
    for scheme in ("light", "dark"):
        for device, size in SIZES.items():
            context = browser.new_context(viewport=size, color_scheme=scheme)
            page = context.new_page()
            notebook.sign_in(page)
            page.get_by_label("Your note").fill(NOTE)
            page.get_by_role("listitem").first.wait_for()
            if name == "warning":
                page.screenshot(path=FOLDER / f"notebook-{scheme}-{device}.png", full_page=True)
            page.get_by_role("alertdialog").wait_for()
            page.screenshot(path=FOLDER / f"{name}-{scheme}-{device}.png")
            page.get_by_role("alertdialog").get_by_role("button").last.click()
            page.get_by_label("E-mail").wait_for()
            if name == "warning":
                page.screenshot(path=FOLDER / f"notebook-login-{scheme}-{device}.png")
            context.close()


if __name__ == "__main__":
    main()
