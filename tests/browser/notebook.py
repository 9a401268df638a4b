"""The example with React: its page is built as its README says, and served by the application next to it."""

import contextlib
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page

from tests.browser.node import install, npm
from tests.house import ROOT
from tests.servers.ports import free_port, wait_until_heard

EXAMPLE = ROOT / "examples" / "react-spa"
EMAIL = "ada@example.test"
STOP_SECONDS = 10


@dataclass(frozen=True)
class Notebook:
    """Where it runs, and the password of its one user."""

    url: str
    password: str

    def sign_in(self, page: Page) -> None:
        """Fill in the form as a person would."""
        page.goto(self.url)
        self.fill_in(page)
        page.get_by_role("heading", name="Your note").wait_for()

    def fill_in(self, page: Page) -> None:
        """Fill in the form that is there already."""
        page.get_by_label("E-mail").fill(EMAIL)
        page.get_by_label("Password").fill(self.password)
        page.get_by_role("button", name="Sign in").click()


def build_page(folder: Path) -> Path:
    """Check the types and build the page; return the folder that a server serves."""
    install(EXAMPLE)
    npm(EXAMPLE, "run", "build", "--", "--outDir", str(folder), "--emptyOutDir", "--logLevel", "warn")
    return folder


@contextlib.contextmanager
def running_notebook(page: Path, *arguments: str) -> Iterator[Notebook]:
    """Start the application on a free port; stop it at the end."""
    port = free_port()
    command = [sys.executable, str(EXAMPLE / "server.py"), "--port", str(port), "--dist", str(page)]
    server = subprocess.Popen([*command, *arguments], stdout=subprocess.PIPE, text=True)
    try:
        told = re.search(rf"{EMAIL} with (\S+)", server.stdout.readline())
        wait_until_heard(port, server)
        yield Notebook(f"http://127.0.0.1:{port}", told[1])
    finally:
        server.terminate()
        server.wait(STOP_SECONDS)
        server.stdout.close()
