"""The client: small answers of 200, and nothing else."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from coatcheck.tokens.fetching import MAX_BYTES, FetchFailed, fetch


class Issuer(BaseHTTPRequestHandler):
    asked: ClassVar[list[str]] = []

    def do_GET(self):
        self.asked.append(self.path)
        match self.path:
            case "/moved":
                self.send_response(302)
                self.send_header("location", "/elsewhere")
                self.end_headers()
            case "/missing":
                self.send_error(404)
            case "/broken":
                self.wfile.write(b"\x00\x01\r\n\r\n")
            case _:
                size = MAX_BYTES + 1 if self.path == "/long" else 2
                self.send_response(200)
                self.send_header("content-length", str(size))
                self.end_headers()
                self.wfile.write(b"x" * size)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.headers["authorization"].encode() + b" " + body)

    def log_message(self, *arguments):
        """Say nothing."""


@pytest.fixture(scope="module")
def origin():
    with ThreadingHTTPServer(("127.0.0.1", 0), Issuer) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


async def test_a_small_answer_is_returned(origin):
    assert await fetch(f"{origin}/keys") == b"xx"
    assert await fetch(f"{origin}/keys", b"token=t", {"Authorization": "Basic eA=="}) == b"Basic eA== token=t"


@pytest.mark.parametrize("path", ["moved", "missing", "long", "broken"])
async def test_any_other_answer_is_a_failure(origin, path):
    with pytest.raises(FetchFailed):
        await fetch(f"{origin}/{path}")
    assert "/elsewhere" not in Issuer.asked


async def test_no_answer_is_a_failure():
    with pytest.raises(FetchFailed):
        await fetch("http://127.0.0.1:1/keys")
