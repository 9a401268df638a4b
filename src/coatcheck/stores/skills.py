"""Skills that a store in front of another passes on as they are."""

from coatcheck.core.skills import VERBS
from coatcheck.core.store import Store


def pass_on(outer: object, inner: Store, *skills: type) -> None:
    """Give `outer` the verbs of those skills that `inner` has, to be called on `inner`."""
    for skill in skills:
        if isinstance(inner, skill):
            # On the instance: `isinstance(store, Rows)` looks there too, and finds what the class lacks.
            vars(outer).update({verb: getattr(inner, verb) for verb in VERBS[skill]})
