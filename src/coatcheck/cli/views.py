"""What commands show of a session or an account: never a credential, nor a digest of one."""

from typing import TYPE_CHECKING

import msgspec

from coatcheck.cli.output import Document
from coatcheck.core.clock import timestamp
from coatcheck.core.record import Record, Tombstone
from coatcheck.core.support import support_code
from coatcheck.watch.explain import Life, Moment

if TYPE_CHECKING:
    from coatcheck.login import Account


def session_row(record: Record) -> Document:
    """Return what a list shows of a live session."""
    return {
        "id": record.id,
        "user_id": record.user_id,
        "email": record.identity.email if record.identity else None,
        "device": {"label": record.device.label, "ip": record.device.ip},
        "created_at": timestamp(record.created_at),
        "last_seen_at": timestamp(record.last_seen_at),
        "expires_at": timestamp(record.expires_at),
    }


def session_facts(found: Record | Tombstone, now: float, tolerance: float) -> Document:
    """Return everything an operator may know about a session at `now` (seconds since the epoch).

    Of its data only the keys: the values are the user's.
    """
    if isinstance(found, Tombstone):
        facts = {"id": found.id, "state": "ended", "reason": str(found.reason)}
        return {**facts, "ended_at": timestamp(found.at), "user_id": found.user_id}
    identity, expired = found.identity, found.has_expired(now, tolerance)
    return {
        **session_row(found),
        "state": "expired" if expired else "alive",
        "absolute_expires_at": timestamp(found.absolute_at),
        "roles": sorted(identity.roles) if identity else [],
        "authenticated_at": timestamp(identity.auth_time) if identity else None,
        "amr": list(identity.amr) if identity else [],
        "actor": found.actor,
        "remember": found.remember,
        "rev": found.rev,
        "generation": found.chain.generation,
        "data_keys": _keys(found.data),
    }


def life_facts(life: Life) -> Document:
    """Return a session's life."""
    moments = [
        {
            "at": timestamp(moment.at),
            "event": moment.name or None,
            "title": moment.title,
            "actor": moment.actor,
            "details": dict(moment.details),
        }
        for moment in life.moments
    ]
    code = support_code(life.id)
    return {"id": life.id, "support_code": code, "from_ledger": life.from_ledger, "moments": moments}


def life_row(moment: Moment) -> tuple[object, ...]:
    """Return what a table shows of a moment of a life."""
    more = "; ".join(f"{name}: {text}" for name, text in moment.details)
    return timestamp(moment.at), moment.title, moment.actor, more


def account_row(account: "Account") -> Document:
    """Return what a list shows of an account."""
    return {
        "id": account.user_id,
        "email": account.email,
        "name": account.name,
        "roles": sorted(account.roles),
        "disabled": account.disabled,
        "created_at": timestamp(account.created_at),
    }


def _keys(data: bytes) -> list[str]:
    return sorted(msgspec.json.decode(data, type=dict[str, msgspec.Raw]))
