"""Keys and stores for the tests of sealing."""

from coatcheck.stores.sealed import Sealer
from coatcheck.testing import SeededEntropy

_ENTROPY = SeededEntropy("sealed stores")
OLD_KEY, NEW_KEY, STRANGE_KEY = (_ENTROPY.token_bytes(32) for _ in range(3))
OLD = Sealer([OLD_KEY])
BOTH = Sealer([NEW_KEY, OLD_KEY])
NEW = Sealer([NEW_KEY])
STRANGER = Sealer([STRANGE_KEY])
