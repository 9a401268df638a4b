"""Access tokens: issued here, verified elsewhere, and the keys for both. Needs the extra `tokens`."""

from coatcheck.stores.extras import missing_extra

try:
    import cryptography  # noqa: F401 - the rest of the room cannot do without these two
    import joserfc  # noqa: F401
except ModuleNotFoundError as error:
    raise missing_extra(error, "tokens") from error

from coatcheck.stores.sealed import Sealer
from coatcheck.tokens.claims import AccessToken, Invalid
from coatcheck.tokens.fetching import IssuerUnavailable
from coatcheck.tokens.issuing import JWKS_PATH, METADATA_PATH, Issuer
from coatcheck.tokens.key import Key
from coatcheck.tokens.online import Introspection, StoreSessions
from coatcheck.tokens.policy import TokenPolicy
from coatcheck.tokens.remote import RemoteKeys
from coatcheck.tokens.ring import KeyPolicy
from coatcheck.tokens.sources import FixedKeys, Keys
from coatcheck.tokens.stored import StoredKeys, keys_of
from coatcheck.tokens.verifier import Verifier

__all__ = [
    "JWKS_PATH",
    "METADATA_PATH",
    "AccessToken",
    "FixedKeys",
    "Introspection",
    "Invalid",
    "Issuer",
    "IssuerUnavailable",
    "Key",
    "KeyPolicy",
    "Keys",
    "RemoteKeys",
    "Sealer",
    "StoreSessions",
    "StoredKeys",
    "TokenPolicy",
    "Verifier",
    "keys_of",
]
