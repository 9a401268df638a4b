"""The doorbell: SQLite's own sign that something was committed, read where every connection reads it.

Each commit rewrites the head of the write-ahead index before it is acknowledged: the first 48 bytes of the
file `-shm`, which all connections of all processes have mapped (sqlite.org/walformat.html). A connection
that is about to read compares them with those it saw last, and whatever it holds is valid if they are the
same. `PRAGMA data_version` is that comparison behind a statement and two locks, and takes forty times as
long as ours.
"""

import mmap
import os
import sqlite3
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from coatcheck.stores.sqlite.connect import file_at

_PRAGMA = "PRAGMA data_version"  # another number whenever another connection has committed
_HEAD = 48  # bytes; a second copy follows, which is written first
_VERSION = (3_007_000).to_bytes(4, "little"), (3_007_000).to_bytes(4, "big")  # the only one there is
_CROSS_CHECK = 256  # looks after which SQLite is asked all the same

forks: list[int] = []  # grows in a process that was forked: asking for its id takes a system call each time
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=lambda: forks.append(os.getpid()))


class _Index(NamedTuple):
    """An index that was opened: which file it is, our descriptor, its head where it could be mapped."""

    file: tuple[int, int]
    descriptor: int
    head: mmap.mmap | None

    def is_gone(self) -> bool:
        """Tell whether the file has no name any more: the last connection of any process has closed."""
        return os.fstat(self.descriptor).st_nlink == 0


# Closing any descriptor of a file lets go of all locks that this process has on it (POSIX), and SQLite's
# locks are on this one. So what was opened stays open until nobody can have a lock there: the file is gone.
_kept: list[_Index] = []
_keeping = Lock()


class Bell:
    """Tells whether something was committed since it was asked last, on behalf of one connection.

    Where the index cannot be mapped, SQLite is asked each time. It is asked now and then anyway: should the
    mapped file be another than the connection's, because somebody replaced it, the mapping is not
    believed any more.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path | None = None) -> None:
        self._ask = connection.execute
        self._data_version()  # the first question opens the index
        self._index = None if path is None else _map(path)
        self._head = b"" if self._index is None else self._index[:_HEAD]
        self._version = self._data_version()
        self._looks = 0

    def rings(self) -> bool:
        """Tell whether something was committed; true once more rather than once less.

        What was committed before the call has rung, also if it rings while this one is answered: the head
        is read before the news is.
        """
        index = self._index
        if index is None:
            return self._has_new_version()
        head = index[:_HEAD]
        if head != self._head:
            self._head, self._looks = head, 0
            self._version = self._data_version()
            return True
        self._looks += 1
        if self._looks < _CROSS_CHECK:
            return False
        self._looks = 0
        return self._has_new_version() and self._distrust(index)

    def _distrust(self, index: mmap.mmap) -> bool:
        """Believe the mapping no more, unless the commit was made just now; something was committed."""
        if index[:_HEAD] == self._head:
            self._index = None
        return True

    def _has_new_version(self) -> bool:
        before, self._version = self._version, self._data_version()
        return before != self._version

    def _data_version(self) -> int:
        version: int = self._ask(_PRAGMA).fetchone()[0]
        return version


def _map(path: Path) -> mmap.mmap | None:
    """Return the head of the index of a database that is open; None where there is none as we know it."""
    name = Path(f"{path.resolve()}-shm")  # SQLite follows links before it names its other files
    with _keeping:
        for index in [index for index in _kept if index.is_gone()]:
            _kept.remove(index)
            os.close(index.descriptor)
        try:
            known = [index for index in _kept if index.file == file_at(name)]
            head = (known or [_open(name)])[0].head
        except OSError:
            return None
    return head if head is not None and head[:4] in _VERSION else None


def _open(name: Path) -> _Index:
    descriptor = os.open(name, os.O_RDONLY)
    try:
        head = mmap.mmap(descriptor, _HEAD, access=mmap.ACCESS_READ)
    except (OSError, ValueError):
        head = None
    found = os.fstat(descriptor)
    _kept.append(_Index((found.st_dev, found.st_ino), descriptor, head))
    return _kept[-1]
