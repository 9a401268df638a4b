"""Skills that a store in front of another passes on as they are."""

from coatcheck.core.ledger import Ledger, Notes
from coatcheck.core.overview import Overview
from coatcheck.core.store import Doorbell, EngineClock, Feed, Rows, Scan, Store

VERBS: dict[type, tuple[str, ...]] = {
    Rows: ("row", "put_row", "delete_row"),
    Scan: ("scan",),
    Overview: ("count_alive", "newest"),
    EngineClock: ("engine_now",),
    Ledger: ("append", "find", "chain", "heads", "forget"),
    Notes: ("take_notes", "notes"),
    Feed: ("feed",),
    Doorbell: ("doorbell",),
}


def pass_on(outer: object, inner: Store, *skills: type) -> None:
    """Give `outer` the verbs of those skills that `inner` has, to be called on `inner`."""
    for skill in skills:
        if isinstance(inner, skill):
            # On the instance: `isinstance(store, Rows)` looks there too, and finds what the class lacks.
            vars(outer).update({verb: getattr(inner, verb) for verb in VERBS[skill]})
