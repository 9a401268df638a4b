"""Node: a program beside this process, which is told by lines of JSON what to ask of its own application."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

from benchmarks.hosts.request import HEADERS, Response


class NodeHost:
    """An application in Node, called in its own process: no network between the two but to say what to do.

    Args:
        program: What to run; it answers each line with one line.
        *arguments: For the program.
    """

    def __init__(self, program: Path, *arguments: str) -> None:
        node = shutil.which("node")
        assert node
        self._process = subprocess.Popen(
            [node, program.name, *arguments],
            cwd=program.parent,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, path: str, cookie: bytes | None = None) -> Response:
        """Make one request and keep the answer."""
        status, headers, body = self._told(path=path, headers=_headers(cookie))
        pairs = [(name.encode(), value.encode("latin-1")) for name, value in headers]
        return Response(status, pairs, body)

    def repeat(self, path: str, cookie: bytes | None, requests: int) -> float:
        """Make the same request so many times; return the seconds that they took."""
        return float(self._told(path=path, headers=_headers(cookie), requests=requests))

    def close(self) -> None:
        """Let the program end."""
        self._process.communicate(timeout=30)

    def _told(self, **order: Any) -> Any:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


def _headers(cookie: bytes | None) -> list[list[str]]:
    headers = HEADERS if cookie is None else [*HEADERS, (b"cookie", cookie)]
    return [[name.decode(), value.decode("latin-1")] for name, value in headers]
