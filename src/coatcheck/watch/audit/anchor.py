"""An anchor: what the ledger says of itself, kept in a file that whoever writes the database cannot write."""

import json
import os
from pathlib import Path
from typing import Any

import msgspec

from coatcheck.core.errors import ConfigurationError
from coatcheck.watch.audit.chain import Body, canonical
from coatcheck.watch.audit.statements import Statement


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
        ConfigurationError: There is no such file, or it is some other file: no line is a checkpoint.
    """
    remedy = "Name the file that the application writes"
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}", remedy=remedy) from error
    bodies = [_body(line) for line in lines if line.strip()]
    if bodies and not any(map(_is_statement, bodies)):
        raise ConfigurationError(f"{path}, line 1, is no checkpoint", remedy=remedy)
    return bodies


def _is_statement(body: Body) -> bool:
    try:
        Statement.read(body)
    except msgspec.ValidationError:
        return False
    return True


def _body(line: bytes) -> dict[str, Any]:
    try:
        body = json.loads(line)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
