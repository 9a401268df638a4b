"""Takes the pictures of the docs: `python -m tests.browser.screenshots`."""

import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.browser.running import Demo, running_browser, running_demo
from tests.browser.tour import tour, tour_of_the_dialog

FOLDER = Path(__file__).parents[2] / "docs" / "images"
SIZES = {"desktop": {"width": 1200, "height": 760}, "phone": {"width": 390, "height": 760}}
PHONE_AGENT = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Version/19.0 Safari/604.1"
)


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        running_demo(Path(folder)) as demo,
        sync_playwright() as playwright,
        running_browser(playwright) as browser,
    ):
        elsewhere = browser.new_context(user_agent=PHONE_AGENT)
        demo.sign_in(elsewhere.new_page())
        for scheme in ("light", "dark"):
            for device in SIZES:
                visit(browser, demo, scheme, device)


def visit(browser: Browser, demo: Demo, scheme: str, device: str) -> None:
    context = browser.new_context(viewport=SIZES[device], color_scheme=scheme)
    page = context.new_page()

    def shoot(name: str, *, whole: bool) -> None:
        path = FOLDER / f"{name}-{scheme}-{device}.png"
        page.screenshot(path=path, full_page=whole, animations="disabled")

    for name in tour(demo, page):
        shoot(name, whole=True)
    for name in tour_of_the_dialog(demo, page):
        shoot(f"demo-{name}", whole=False)
    context.close()


if __name__ == "__main__":
    main()
