"""The client: small answers of 200, and nothing else."""

import asyncio
import threading
from contextlib import suppress
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


async def test_an_answer_that_drips_is_cut_off(monkeypatch):
    monkeypatch.setattr("coatcheck.tokens.fetching.DEADLINE", 0.2)
    closed = asyncio.Event()

    async def drip(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        with suppress(ConnectionError):
            for _ in range(100):
                writer.write(b" ")
                await writer.drain()
                await asyncio.sleep(0.05)
        writer.close()
        closed.set()

    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    with pytest.raises(FetchFailed):
        await fetch(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/keys")
    await asyncio.wait_for(closed.wait(), 2)  # the thread let go of it as well
    server.close()


async def test_no_answer_is_a_failure():
    with pytest.raises(FetchFailed):
        await fetch("http://127.0.0.1:1/keys")
