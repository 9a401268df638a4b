"""Session data encrypted in the store, under keys that are not in it. Needs the extra `encryption`."""

from coatcheck.stores.extras import missing_extra

try:
    from coatcheck.stores.sealed.sealer import Sealer
except ModuleNotFoundError as error:
    raise missing_extra(error, "encryption") from error

from coatcheck.stores.sealed.store import SealedStore
from coatcheck.stores.sealed.walk import Resealing, Tally

__all__ = ["Resealing", "SealedStore", "Sealer", "Tally"]
