"""Workers of the application, and the signals they may get."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec

from tests.fault import app
from tests.servers.ports import free_port

ROOT = Path(__file__).parents[2]
WORKERS = 4
START_SECONDS = 60.0


class Service:
    """The running application."""

    def __init__(self, port: int, process: subprocess.Popen[bytes], log: Path, number: int) -> None:
        self.base = f"http://127.0.0.1:{port}"
        self.process = process
        self.log = log
        self._number = number

    def workers(self) -> list[int]:
        """Wait until all have started; return their process ids, as they wrote them into the log."""
        deadline = time.monotonic() + START_SECONDS
        while (said := self.log.read_text()).count("Application startup complete") < self._number:
            assert self.process.poll() is None, said
            assert time.monotonic() < deadline, said
            time.sleep(0.05)
        return [int(pid) for pid in re.findall(r"Started server process \[(\d+)\]", said)]


def unmeasured() -> dict[str, str]:
    """Return this environment, but for coverage: it would triple what the processes of a fault have to do."""
    return {name: value for name, value in os.environ.items() if name != "COVERAGE_PROCESS_CONFIG"}


@contextmanager
def serving(
    folder: Path, url: str, *, workers: int = WORKERS, within: Sequence[str] = (), **orders: Any
) -> Iterator[Service]:
    """Run the application with so many workers, `within` a command that takes rights from it."""
    port, log = free_port(), folder / "uvicorn.log"
    told = msgspec.json.encode(app.Orders(url, **orders)).decode()
    command = [*within, sys.executable, "-m", "uvicorn", "tests.fault.app:create", "--factory"]
    command += ["--workers", str(workers), "--port", str(port), "--no-access-log", "--no-use-colors"]
    command += ["--timeout-graceful-shutdown", "1"]
    environment = unmeasured() | {
        app.VARIABLE: told,
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=output, env=environment, cwd=ROOT, start_new_session=True
        )
    try:
        service = Service(port, process, log, workers)
        service.workers()
        yield service
        assert "Traceback" not in log.read_text(), log.read_text()
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(15)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(15)
