"""Runs a server for as long as its standard input is open, so that no server outlives its tests.

    python keeper.py SIGNAL FOLDER USER COMMAND...

It prints the server's process id. When whoever started it ends, even by kill -9, the system closes
the pipe: the server gets SIGNAL, and FOLDER is removed. A server that ends by itself leaves it.
USER is the id of the user and group to run it as; an empty one means whoever runs this.
"""

import select
import shutil
import signal
import subprocess
import sys

LOOK = 0.1  # seconds between two looks at the server


def main(end_by: str, folder: str, user: str, *command: str) -> None:
    owner = int(user) if user else None
    server = subprocess.Popen(command, stdin=subprocess.DEVNULL, user=owner, group=owner)
    print(server.pid, flush=True)  # noqa: T201 - whoever started this reads it
    while server.poll() is None:
        if select.select([sys.stdin], [], [], LOOK)[0]:
            server.send_signal(signal.Signals[end_by])
            server.wait()
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
