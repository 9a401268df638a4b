"""A demo server in a process of its own, and a browser to visit it with."""

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, Playwright

from tests.browser.find_chromium import find

COMMAND = str(Path(sys.executable).with_name("coatcheck"))
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LULLABIES = [
    "--disable-back-forward-cache",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
]
"""What Playwright asks for, so that pages are the same in every weather."""
STOP_SECONDS = 10
ENDED = "You have been signed out"
"""What the dialog says to whoever looks at a page whose session is over."""


@dataclass(frozen=True)
class Demo:
    """Where the demo runs, and who may sign in."""

    url: str
    passwords: dict[str, str]

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.url.rpartition(":")[2])

    def sign_in(self, page: Page, email: str = "ada@example.test", url: str = "") -> None:
        """Fill in the form as a person would; `url` where the page comes in by another door."""
        page.goto(f"{url or self.url}/login")
        self.fill_in(page, email)

    def fill_in(self, page: Page, email: str = "ada@example.test") -> None:
        """Fill in the form that the page shows, and wait for what comes after it."""
        page.get_by_label("E-mail").fill(email)
        page.get_by_label("Password").fill(self.passwords[email])
        page.get_by_role("main").get_by_role("button", name="Sign in").click()
        page.wait_for_url(lambda url: "/login" not in url)


def dialog(page: Page) -> Locator:
    """Return the warning, be it open or not."""
    return page.get_by_role("alertdialog")


@contextlib.contextmanager
def running_demo(folder: Path, *arguments: str) -> Iterator[Demo]:
    """Start `coatcheck demo` on a free port, with a database in `folder`; stop it at the end."""
    command = [COMMAND, "demo", "--json", "--port", "0", "--database", f"sqlite:///{folder / 'demo.db'}"]
    server = subprocess.Popen([*command, *arguments], cwd=folder, stdout=subprocess.PIPE, text=True)
    try:
        told = json.loads(server.stdout.readline())
        yield Demo(told["url"], {user["email"]: user["password"] for user in told["users"]})
    finally:
        server.terminate()
        server.wait(STOP_SECONDS)
        server.stdout.close()


@contextlib.contextmanager
def running_browser(playwright: Playwright, *, lifelike: bool = False) -> Iterator[Browser]:
    """Start Chromium without a window.

    Args:
        playwright: What drives it.
        lifelike: As people have it: pages are kept for the way back, and slowed down in the background.
    """
    browser = playwright.chromium.launch(
        executable_path=find(), args=FLAGS, ignore_default_args=LULLABIES if lifelike else None
    )
    try:
        yield browser
    finally:
        browser.close()
