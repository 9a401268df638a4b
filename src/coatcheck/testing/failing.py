"""A store that breaks when a test says so."""

from coatcheck.core.errors import StoreUnavailable
from coatcheck.core.store import Store
from coatcheck.testing.wrapped import WrappedStore


class FailingStore(WrappedStore):
    """Passes every verb on until told to fail; closing always works."""

    def __init__(self, inner: Store) -> None:
        super().__init__(inner)
        self._broken: frozenset[str] = frozenset()
        self._all_broken = False

    def fail(self, *verbs: str) -> None:
        """Make these verbs raise `StoreUnavailable`; all of them if none is named."""
        self._broken |= set(verbs)
        self._all_broken = self._all_broken or not verbs

    def heal(self) -> None:
        """Make every verb work again."""
        self._broken = frozenset()
        self._all_broken = False

    def before(self, verb: str) -> None:
        """Fail if the verb is broken.

        Raises:
            StoreUnavailable: It is.
        """
        if verb != "close" and (self._all_broken or verb in self._broken):
            raise StoreUnavailable(f"{verb} fails, as the test wishes")
