"""A walk along a chain: is each entry what was written there?"""

from coatcheck.core.ledger import Entry, follow, genesis
from coatcheck.core.lifetimes import MINUTE
from coatcheck.watch.audit.chain import moment, said
from coatcheck.watch.audit.statements import Mark
from coatcheck.watch.audit.vouchers import Vouchers

# A worker that is killed leaves the entries of a minute at the end that nobody signed, and the store may
# have been out of reach for a while before.
LONGEST_UNSIGNED = 10 * MINUTE


class Walk:
    """A walk along one chain, from its beginning.

    Args:
        chain: Its id.
        vouchers: What must be there.

    Attributes:
        last: The entry it has come to, or the one before its beginning; None at the start of the chain.
    """

    def __init__(self, chain: str, vouchers: Vouchers) -> None:
        self.chain = chain
        self.last: Mark | None = vouchers.beginning(chain)
        self._vouchers = vouchers
        self._unsigned: list[float] = []  # moments: the first and the last

    @property
    def seq(self) -> int:
        """The number of the entry it has come to."""
        return self.last.seq if self.last else 0

    def step(self, entry: Entry) -> list[str]:
        """Take the next entry; return what is wrong with it."""
        wrong = []
        if entry.seq > self.seq + 1:
            wrong.append(f"the {entry.seq - self.seq - 1} before it are missing")
        elif entry.digest != follow(self._digest, entry.text):
            wrong.append("it is not what was written there")
        is_kept = self._vouchers.recall(entry)
        if is_kept is False:
            wrong.append("a checkpoint names another in its place")
        if not _says_what_its_text_says(entry):
            wrong.append("it is searched by what it does not say")
        self.last = Mark(entry.seq, entry.digest.hex(), moment(entry))
        moments = [*self._unsigned, self.last.at]
        self._unsigned = [] if is_kept else [min(moments), max(moments)]
        return wrong

    def end(self) -> list[str]:
        """Return what is wrong with the chain as a whole, where it had to be signed."""
        if not self._vouchers.is_signed(self.chain):
            return ["no worker that has the key began this chain"]
        if self._vouchers.keys and self._unsigned:
            unsigned = self._unsigned[-1] - self._unsigned[0]
            if unsigned > LONGEST_UNSIGNED:
                return [f"nobody signed the {unsigned / MINUTE:.0f} minutes up to it"]
        return []

    @property
    def _digest(self) -> bytes:
        return bytes.fromhex(self.last.digest) if self.last else genesis(self.chain)


def _says_what_its_text_says(entry: Entry) -> bool:
    body = said(entry)
    told = (body.get("event"), body.get("at"), body.get("session_id"), body.get("user_id"))
    return told == (entry.name, entry.at, entry.session_id, entry.user_id)
