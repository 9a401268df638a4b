"""Takes the pictures of the docs: `python -m tests.browser.screenshots`."""

import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.browser.running import Demo, running_browser, running_demo

FOLDER = Path(__file__).parents[2] / "docs" / "images"
SIZES = {"desktop": {"width": 1200, "height": 760}, "phone": {"width": 390, "height": 760}}
PHONE_AGENT = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Version/19.0 Safari/604.1"
)
VISITOR_PAGES = {
    "landing": "/",
    "login": "/login?reason=idle_timeout",
    "register": "/register",
    "not-found": "/login/nowhere",
}
USER_PAGES = {
    "dashboard": "/dashboard",
    "profile": "/profile",
    "settings": "/settings",
    "confirm": "/settings/confirm?next=/settings",
    "forbidden": "/admin",
}


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        running_demo(Path(folder)) as demo,
        running_browser() as browser,
    ):
        elsewhere = browser.new_context(user_agent=PHONE_AGENT)
        demo.sign_in(elsewhere.new_page())
        for scheme in ("light", "dark"):
            for device, size in SIZES.items():
                visit(browser, demo, scheme, device, size)


def visit(browser: Browser, demo: Demo, scheme: str, device: str, size: dict[str, int]) -> None:
    def take(page: Page, name: str, path: str) -> None:
        page.goto(demo.url + path)
        shoot(page, name)

    def shoot(page: Page, name: str) -> None:
        page.screenshot(path=FOLDER / f"{name}-{scheme}-{device}.png", full_page=True, animations="disabled")

    context = browser.new_context(viewport=size, color_scheme=scheme)
    page = context.new_page()
    for name, path in VISITOR_PAGES.items():
        take(page, name, path)
    page.goto(f"{demo.url}/forgot-password")
    page.get_by_label("E-mail").fill("ada@example.test")
    page.get_by_role("main").get_by_role("button").click()
    shoot(page, "forgot-password")
    demo.sign_in(page)
    for thing in ("umbrella", "left glove", "theatre programme"):
        page.get_by_label("Put something in").fill(thing)
        page.get_by_role("button", name="Add").click()
        page.get_by_role("listitem").filter(has_text=thing).wait_for()
    for name, path in USER_PAGES.items():
        take(page, name, path)
    page.goto(f"{demo.url}/dashboard")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/login**")
    demo.sign_in(page, "grace@example.test")
    page.goto(f"{demo.url}/admin")
    page.get_by_text("live session").last.click()
    shoot(page, "admin")
    page.get_by_role("button", name="Sign out", exact=True).click()
    context.close()


if __name__ == "__main__":
    main()
