"""An anchor: what the ledger says of itself, kept in a file that whoever writes the database cannot write."""

import json
import os
from pathlib import Path
from typing import Any

from coatcheck.core.errors import ConfigurationError
from coatcheck.watch.audit.chain import Body, canonical


def append(path: Path, body: Body) -> None:
    """Add a line to the file, and wait for the disk.

    Raises:
        OSError: It cannot be written.
    """
    with path.open("ab") as file:
        file.write(canonical(body) + b"\n")
        file.flush()
        os.fsync(file.fileno())


def read(path: Path) -> list[dict[str, Any]]:
    """Return the lines of the file; one that makes no sense as an empty body, which is no checkpoint.

    Raises:
        ConfigurationError: There is no such file.
    """
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise ConfigurationError(
            f"{path} cannot be read: {error.strerror}", remedy="Name the file that the application writes"
        ) from error
    return [_body(line) for line in lines if line.strip()]


def _body(line: bytes) -> dict[str, Any]:
    try:
        body = json.loads(line)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
