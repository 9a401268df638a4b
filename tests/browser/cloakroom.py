"""The example with Next.js: built as its README says, started beside its server in Python."""

import contextlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from playwright.sync_api import Page

from tests.browser.node import ENVIRONMENT, install, npm
from tests.house import ROOT
from tests.servers.ports import free_port, wait_until_heard

EXAMPLE = ROOT / "examples" / "nextjs"
CLIENT = ROOT / "client"
ADA, GRACE = "ada@example.test", "grace@example.test"
MATCHERS = EXAMPLE / ".next" / "server" / "functions-config-manifest.json"
STOP_SECONDS = 10


@dataclass(frozen=True)
class Cloakroom:
    """Where browsers find it, and who may sign in."""

    url: str
    passwords: dict[str, str]

    def sign_in(self, page: Page, email: str = ADA, path: str = "/dashboard") -> None:
        """Ask for a page, and fill in the form that comes instead."""
        page.goto(f"{self.url}{path}")
        page.get_by_label("E-mail").fill(email)
        page.get_by_label("Password").fill(self.passwords[email])
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(f"**{path}")


def build() -> None:
    """Build the packages that stand in for those of an index, and the pages."""
    install(EXAMPLE)
    sources = max(path.stat().st_mtime for path in CLIENT.glob("packages/*/src/**/*.ts*"))
    built = [CLIENT / f"packages/{name}/dist/index.js" for name in ("client", "react")]
    if not all(path.exists() and path.stat().st_mtime > sources for path in built):
        install(CLIENT)
        npm(
            CLIENT, "run", "build", "--workspaces"
        )  # not "build" alone: the wheel's npm can start no other npm
    npm(EXAMPLE, "run", "build")


@contextlib.contextmanager
def running_cloakroom(*arguments: str, edge: bool = False) -> Iterator[Cloakroom]:
    """Start both servers on free ports; stop them at the end.

    Args:
        arguments: For the server in Python.
        edge: A proxy stands in front, which a test plays.
    """
    api, front = free_port(), free_port()
    url = f"http://127.0.0.1:{front}"
    environment = {
        **ENVIRONMENT,
        "COATCHECK_API": f"http://127.0.0.1:{api}",
        "COATCHECK_EDGE": str(int(edge)),
    }
    next_js = str(EXAMPLE / "node_modules" / "next" / "dist" / "bin" / "next")
    # The server stops first: Next.js, asked to stop, would wait for the live streams that it hands on.
    commands = [
        ["node", next_js, "start", "--hostname", "127.0.0.1", "--port", str(front)],
        [sys.executable, "server.py", "--port", str(api), "--url", url, *arguments],
    ]
    with contextlib.ExitStack() as stack:
        pages, server = (stack.enter_context(_running(command, environment)) for command in commands)
        told = [re.search(r"sign in as (\S+) with (\S+)", server.stdout.readline()) for _ in (ADA, GRACE)]
        wait_until_heard(api, server)
        wait_until_heard(front, pages)
        yield Cloakroom(url, {match[1]: match[2] for match in told})


@contextlib.contextmanager
def without_the_proxy() -> Iterator[None]:
    """Let a server that starts now believe that there is no `proxy.ts`: a way around it, whichever it is."""
    kept = MATCHERS.with_suffix(".kept")
    shutil.copy(MATCHERS, kept)
    manifest = json.loads(MATCHERS.read_text("utf-8"))
    del manifest["functions"]["/_middleware"]
    MATCHERS.write_text(json.dumps(manifest), "utf-8")
    try:
        yield
    finally:
        kept.replace(MATCHERS)


@contextlib.contextmanager
def _running(command: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(command, cwd=EXAMPLE, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(STOP_SECONDS)
        process.stdout.close()
