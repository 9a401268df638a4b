"""Access tokens: the keys that sign them. Needs the extra `tokens`."""

from coatcheck.tokens.key import Key
from coatcheck.tokens.ring import KeyPolicy
from coatcheck.tokens.sealing import Sealer
from coatcheck.tokens.sources import FixedKeys, Keys
from coatcheck.tokens.stored import StoredKeys

__all__ = ["FixedKeys", "Key", "KeyPolicy", "Keys", "Sealer", "StoredKeys"]
