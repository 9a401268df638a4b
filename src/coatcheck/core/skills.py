"""Which verbs make up which skill: for stores that stand in front of another and have what it has."""

from coatcheck.core.ledger import Ledger, Notes
from coatcheck.core.moving import Movable
from coatcheck.core.overview import Overview
from coatcheck.core.store import Doorbell, EngineClock, Feed, Rows, Scan

# Not `Cached`: who recalls does not read, so nobody can have it for another.
VERBS: dict[type, tuple[str, ...]] = {
    Rows: ("row", "put_row", "delete_row"),
    Scan: ("scan",),
    Overview: ("count_alive", "newest"),
    EngineClock: ("engine_now",),
    Movable: ("adopt", "hand_over", "set_version", "scan_rows"),
    Ledger: ("append", "find", "chain", "heads", "forget"),
    Notes: ("take_notes", "notes"),
    Feed: ("feed",),
    Doorbell: ("doorbell",),
}
