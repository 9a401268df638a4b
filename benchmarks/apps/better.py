"""better-auth on Node, and a bare handler there: another language, so another bare application."""

import shutil
import subprocess
from pathlib import Path

from benchmarks.hosts.node import NodeHost
from benchmarks.variant import Site

FOLDER = Path(__file__).with_name("better_auth")


def why_not() -> str:
    """Return why it cannot be run here; nothing if it can."""
    if not shutil.which("node") or not (npm := shutil.which("npm")):
        return "it needs node and npm on the path"
    if not (FOLDER / "node_modules").exists():
        subprocess.run([npm, "ci", "--no-audit", "--no-fund", "--silent"], cwd=FOLDER, check=False)
    return "" if (FOLDER / "node_modules").exists() else "npm could not install it"


def build_bare(site: Site) -> NodeHost:
    return _started(site, "bare")


def build(site: Site) -> NodeHost:
    return _started(site, "sessions", site.servers.redis.url)


def _started(site: Site, *arguments: str) -> NodeHost:
    host = NodeHost(FOLDER / "host.js", *arguments)
    site.resources.callback(host.close)
    return host
