"""What sign-in attempts say, as the rules about them need it."""

from coatcheck.core.device import NEIGHBOURHOOD, network
from coatcheck.core.events import Event, LoginFailed, LoginSucceeded, LoginThrottled

ATTEMPTS = (LoginFailed, LoginThrottled, LoginSucceeded)


def name_of(event: Event) -> str:
    """Return what stands for the name that was tried: its user's id, or a hash where it is nobody's."""
    tried = event.tried if isinstance(event, LoginFailed | LoginThrottled) else ""
    return event.user_id or tried


def network_of(event: Event) -> str:
    """Return the network that an event came from (/24, or /48 of IPv6), empty if nobody knows."""
    return network(event.device.ip, NEIGHBOURHOOD) if event.device and event.device.ip else ""


def label_of(event: Event) -> str | None:
    """Return what a person would call the client of an event."""
    return event.device.label if event.device else None


def has_failed(event: Event) -> bool:
    """Tell whether an attempt failed, or was refused before its password was looked at."""
    return not isinstance(event, LoginSucceeded)
