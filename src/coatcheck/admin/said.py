"""What a page says after an act: a code in its address, so that nothing has to be kept until then."""

from collections.abc import Mapping
from dataclasses import dataclass

from coatcheck.admin.wording import plural


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence, and whether it is a complaint."""

    text: str
    problem: bool = False


LONGEST_COUNT = 12  # digits: what no store of sessions reaches

_SENTENCES = {
    "revoked": Said("The session is revoked: its next request is refused."),
    "over": Said("That session had ended already.", problem=True),
    "disabled": Said("The account is disabled, and signed out everywhere."),
    "enabled": Said("The account is open again."),
    "yourself": Said("You cannot disable your own account.", problem=True),
    "refused": Said("That could not be done.", problem=True),
    "everyone": Said("Everybody is being signed out."),
    "busy": Said("Everybody is being signed out already.", problem=True),
    "unconfirmed": Said("Nothing was done: the word did not match.", problem=True),
}


def said(query: Mapping[str, str]) -> Said | None:
    """Return what an address asks a page to say; an unknown code says nothing."""
    code = query.get("said", "")
    if code == "signed-out":
        count = query.get("count", "")
        is_count = count.isdecimal() and len(count) <= LONGEST_COUNT
        return Said(f"{plural(int(count), 'session')} revoked.") if is_count else None
    return _SENTENCES.get(code)
