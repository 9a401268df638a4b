"""What only a session's own user may do: not a visitor, and not an operator who looks on."""

from typing import Any

from coatcheck.core.errors import Impersonated, SessionEnded
from coatcheck.core.reason import Reason
from coatcheck.core.record import Record
from coatcheck.core.session import Session


def own_record(session: Session[Any]) -> Record:
    """Return the record of a session whose own user acts.

    Raises:
        SessionEnded: Nobody is signed in.
        Impersonated: It is an operator who looks at the app as the user (A72).
    """
    record = session.record
    if record is None or record.identity is None:
        raise SessionEnded("nobody is signed in", reason=session.reason or Reason.NO_SESSION)
    if record.actor is not None:
        raise Impersonated(f"{record.actor} acts as {record.user_id}")
    return record
