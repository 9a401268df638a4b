"""The first words of the demo: its address and, once, the passwords it made."""

import http.client
import json
import shlex
import ssl
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from coatcheck.demo.options import DemoOptions
from coatcheck.demo.seed import SeededUser
from coatcheck.stores import is_sql

PROGRAM = "coatcheck"
PAUSE = 0.05
TIMEOUT = 2.0


def announce_when_ready(url: str, users: Sequence[SeededUser], options: DemoOptions) -> threading.Thread:
    """Print the message as soon as the server answers; returns at once."""
    message = as_line(url, users) if options.json else as_text(url, users, options)

    def wait_and_print() -> None:
        pause = threading.Event()
        while not answers(url):
            pause.wait(PAUSE)
        sys.stdout.write(message + "\n")
        sys.stdout.flush()

    thread = threading.Thread(target=wait_and_print, name="coatcheck-announcer", daemon=True)
    thread.start()
    return thread


def as_line(url: str, users: Sequence[SeededUser]) -> str:
    """Return the message for programs: one JSON object on one line."""
    listed = [{"email": user.email, "password": user.password, "roles": sorted(user.roles)} for user in users]
    return json.dumps({"url": url, "users": listed})


def as_text(url: str, users: Sequence[SeededUser], options: DemoOptions) -> str:
    """Return the message for people."""
    lines = ["", f"  Coatcheck's demo runs at {url}", ""]
    if any(user.password for user in users):
        lines += ["  Sign in as (shown this once, so write it down):"]
        lines += [f"    {user.email:<20}  {user.password or '(as before)'}" for user in users]
    else:
        lines += ["  The accounts exist since an earlier start, and their passwords are not shown again."]
        lines += [f"    {user.email}" for user in users]
        lines += ["", "  Forgotten? This makes a new one:", f"    {reset_command(users[0].email, options)}"]
    return "\n".join([*lines, "", "  Ctrl+C stops it.", ""])


def reset_command(email: str, options: DemoOptions) -> str:
    """Return what to type in a shell to give an account of this demo a new password."""
    program = sys.argv[0] if Path(sys.argv[0]).name == PROGRAM else PROGRAM
    command = [program, "users", "reset-password", email, "--database", options.database]
    if not is_sql(options.database):
        command += ["--accounts", options.accounts]
    return shlex.join(command)


def answers(url: str) -> bool:
    """Tell whether the server at this address accepts a connection and answers over it."""
    connection = _connection(url)
    try:
        connection.request("GET", "/healthz")
        connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        return False
    else:
        return True
    finally:
        connection.close()


def _connection(url: str) -> http.client.HTTPConnection:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme != "https":
        return http.client.HTTPConnection(host, parts.port, timeout=TIMEOUT)
    # Only "is it there?" is asked, of the server this very process started.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return http.client.HTTPSConnection(host, parts.port, timeout=TIMEOUT, context=context)
