"""WSGI: the same requests, as a server hands them to Django or Flask."""

from io import BytesIO
from time import perf_counter_ns
from typing import Any

from benchmarks.hosts.request import HEADERS, Response


class WsgiHost:
    """An application that is called in this thread, outside of any event loop."""

    def __init__(self, app: Any) -> None:
        self.app = app

    def ask(self, path: str, cookie: bytes | None = None) -> Response:
        """Make one request and keep the answer."""
        started: list[Any] = []
        body = self._call(environ_of(path, cookie), lambda *arguments: started.extend(arguments))
        status, headers = started[:2]
        pairs = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        return Response(int(status.split()[0]), pairs, body.decode())

    def repeat(self, path: str, cookie: bytes | None, requests: int) -> float:
        """Make the same request so many times; return the seconds that they took."""
        environ = environ_of(path, cookie)
        begin = perf_counter_ns()
        for _ in range(requests):
            self._call({**environ, "wsgi.input": BytesIO()}, _discard)
        return (perf_counter_ns() - begin) / 1e9

    def _call(self, environ: dict[str, Any], start: Any) -> bytes:
        answer = self.app(environ, start)
        try:
            return b"".join(answer)
        finally:
            if hasattr(answer, "close"):  # where Django ends the request
                answer.close()


def environ_of(path: str, cookie: bytes | None) -> dict[str, Any]:
    headers = HEADERS if cookie is None else [*HEADERS, (b"cookie", cookie)]
    return {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "app.example.test",
        "SERVER_PORT": "443",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "192.0.2.7",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "https",
        "wsgi.input": BytesIO(),
        "wsgi.errors": BytesIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        **{f"HTTP_{name.decode().upper().replace('-', '_')}": value.decode() for name, value in headers},
    }


def _discard(*_started: Any) -> None:
    """Send into the void: what happens to the answer afterwards is the server's business."""
