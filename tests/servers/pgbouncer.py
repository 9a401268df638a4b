"""PgBouncer in transaction mode, in front of a PostgreSQL of the tests, where it is installed."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.ports import free_port, wait_until_heard
from tests.servers.postgres import PASSWORD, USER, PostgresServer


def is_installed() -> bool:
    """Whether there is one; tests that want it are skipped where there is none."""
    return _binary() is not None


@contextmanager
def running_pgbouncer(server: PostgresServer) -> Iterator[int]:
    """Run one in front of a server; yield its port. Two connections to the server serve everybody."""
    port = free_port()
    folder = Path(tempfile.mkdtemp(prefix="coatcheck-pgbouncer-"))
    (folder / "users").write_text(f'"{USER}" "{PASSWORD}"\n')
    (folder / "pgbouncer.ini").write_text(f"""
[databases]
* = host=127.0.0.1 port={server.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {folder}/users
pool_mode = transaction
default_pool_size = 2
max_client_conn = 200
ignore_startup_parameters = extra_float_digits
""")
    owner = pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else None  # it refuses root
    if owner:
        for path in (folder, *folder.iterdir()):
            os.chown(path, owner, owner)
    with (folder / "log").open("w") as log:
        command = [str(_binary()), str(folder / "pgbouncer.ini")]
        process = subprocess.Popen(command, stdout=log, stderr=log, user=owner, group=owner)
    try:
        wait_until_heard(port, process)
        yield port
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _binary() -> str | None:
    return shutil.which("pgbouncer", path=os.environ.get("PATH", "") + ":/usr/sbin")
