"""Finds Chromium, or installs it where that is possible: `python -m tests.browser.find_chromium`."""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
VARIABLE = "COATCHECK_CHROMIUM"


class ChromiumMissing(Exception):
    """There is none, and it could not be installed."""


def find() -> str:
    """Return the path of a Chromium, installed on the way if need be."""
    present = os.environ.get(VARIABLE) or locate()
    if present is None and os.geteuid() == 0 and shutil.which("apt-get"):
        install()
        present = locate()
    if present is None:
        raise ChromiumMissing(
            f"the browser tests need Chromium: apt-get install chromium, or name yours in {VARIABLE}"
        )
    return present


def locate() -> str | None:
    """Return the first Chromium on the path."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def install() -> None:
    """Ask Debian for it; whether that worked is seen by looking again."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "chromium"]):
        subprocess.run(command, env=environment, check=False, stdout=sys.stderr)


if __name__ == "__main__":
    try:
        sys.stdout.write(f"{find()}\n")
    except ChromiumMissing as error:
        sys.exit(str(error))
