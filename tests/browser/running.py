"""A demo server in a process of its own, and a browser to visit it with."""

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

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
STOP_SECONDS = 10


@dataclass(frozen=True)
class Demo:
    """Where the demo runs, and who may sign in."""

    url: str
    passwords: dict[str, str]

    def sign_in(self, page: Page, email: str = "ada@example.test") -> None:
        """Fill in the form as a person would."""
        page.goto(f"{self.url}/login")
        page.get_by_label("E-mail").fill(email)
        page.get_by_label("Password").fill(self.passwords[email])
        page.get_by_role("main").get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/dashboard")


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
def running_browser() -> Iterator[Browser]:
    """Start Chromium without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(), args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()
