"""Takes the pictures of the Next.js example: `python -m tests.browser.nextjs_screenshots`."""

from playwright.sync_api import Browser, sync_playwright

from tests.browser.cloakroom import GRACE, Cloakroom, build, running_cloakroom
from tests.browser.running import running_browser
from tests.browser.screenshots import FOLDER, SIZES

PAGES = {"dashboard": "Good to see you", "settings": "Where you are signed in"}


def main() -> None:
    build()
    with (
        running_cloakroom() as cloakroom,
        sync_playwright() as playwright,
        running_browser(playwright) as browser,
    ):
        for scheme in ("light", "dark"):
            for device in SIZES:
                visit(browser, cloakroom, scheme, device)


def visit(browser: Browser, cloakroom: Cloakroom, scheme: str, device: str) -> None:
    context = browser.new_context(viewport=SIZES[device], color_scheme=scheme)
    page = context.new_page()
    page.goto(f"{cloakroom.url}/login?reason=idle_timeout")
    page.screenshot(path=FOLDER / f"nextjs-login-{scheme}-{device}.png")
    cloakroom.sign_in(page, GRACE)
    for name, heading in PAGES.items():
        page.goto(f"{cloakroom.url}/{name}")
        page.get_by_role("heading", name=heading).wait_for()
        if name == "settings":
            page.get_by_role("listitem").first.wait_for()
        page.screenshot(path=FOLDER / f"nextjs-{name}-{scheme}-{device}.png", full_page=True)
    context.close()


if __name__ == "__main__":
    main()
