"""What a browser may know of a session: never a credential, durations rather than clock readings."""

from collections.abc import Collection

from msgspec import UNSET

from coatcheck.core import codec
from coatcheck.core.clock import timestamp
from coatcheck.core.identity import Identity
from coatcheck.core.lifetimes import Lifetimes
from coatcheck.core.record import Record
from coatcheck.web.wire import DeviceView, SessionItem, SessionView, UserView


def session_view(
    record: Record, identity: Identity, now: float, lifetimes: Lifetimes, exposed: Collection[str] = ()
) -> SessionView:
    """Return a session as its own user sees it.

    Args:
        record: The session.
        identity: Whose it is.
        now: Seconds since the epoch.
        lifetimes: Tells when the warning opens.
        exposed: The keys of the data that the app shows to the browser.
    """
    idle_expires_in = max(0.0, record.expires_at - now)
    data = codec.decode(record.data) if exposed else {}
    return SessionView(
        id=record.id,
        rev=record.rev,
        user=UserView(
            id=identity.user_id, email=identity.email, name=identity.name, roles=sorted(identity.roles)
        ),
        created_at=timestamp(record.created_at),
        authenticated_at=timestamp(identity.auth_time),
        last_seen_at=timestamp(record.last_seen_at),
        idle_expires_in=round(idle_expires_in, 3),
        expires_in=round(max(0.0, record.absolute_at - now), 3),
        warn_in=round(max(0.0, idle_expires_in - lifetimes.warning), 3),
        remember=record.remember,
        amr=list(identity.amr),
        actor=UNSET if record.actor is None else record.actor,
        data={key: data[key] for key in sorted(exposed) if key in data},
    )


def list_item(record: Record, current: str | None) -> SessionItem:
    """Return a session as an entry of its user's list; `current` is the id of the one that asks."""
    device = record.device
    return SessionItem(
        id=record.id,
        current=record.id == current,
        created_at=timestamp(record.created_at),
        last_seen_at=timestamp(record.last_seen_at),
        expires_at=timestamp(record.expires_at),
        device=DeviceView(label=device.label, ip=device.ip),
    )
