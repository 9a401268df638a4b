"""Ports of servers that a test starts: free ones, and the moment at which one is listened on."""

import socket
import subprocess
import time
from contextlib import suppress

PATIENCE = 30.0  # seconds until a server listens


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def wait_until_heard(port: int, process: subprocess.Popen[str] | subprocess.Popen[bytes]) -> None:
    """Wait until a server takes connections: what it says before is said too early."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.02)
    raise AssertionError(f"nothing listens on port {port}: {process.args}")
