"""The facts of a session's life: one frozen dataclass each, handed to every observer."""

from coatcheck.core.events.access import (
    AccessDenied,
    CrossOriginRefused,
    LoginFailed,
    LoginSucceeded,
    LoginThrottled,
    PasswordChanged,
    UserDisabled,
    UserRegistered,
)
from coatcheck.core.events.event import Attendant, Event, Observer
from coatcheck.core.events.faults import (
    ClockSkewed,
    RecordCorrupt,
    StoreFailed,
    StoreRolledBack,
    SweepFinished,
)
from coatcheck.core.events.sessions import (
    CapReached,
    SessionCreated,
    SessionOver,
    SessionReauthenticated,
    SessionRefused,
    SessionRotated,
    UserImpersonated,
    UserRevoked,
    UserUpdated,
)
from coatcheck.core.events.tokens import (
    CookieDuplicate,
    GrantCreated,
    GrantRevoked,
    GrantRotated,
    TokenMalformed,
    TokenReused,
    TokenUnknown,
)
from coatcheck.core.events.watching import AnomalyFound, SinkFailed

__all__ = [
    "AccessDenied",
    "AnomalyFound",
    "Attendant",
    "CapReached",
    "ClockSkewed",
    "CookieDuplicate",
    "CrossOriginRefused",
    "Event",
    "GrantCreated",
    "GrantRevoked",
    "GrantRotated",
    "LoginFailed",
    "LoginSucceeded",
    "LoginThrottled",
    "Observer",
    "PasswordChanged",
    "RecordCorrupt",
    "SessionCreated",
    "SessionOver",
    "SessionReauthenticated",
    "SessionRefused",
    "SessionRotated",
    "SinkFailed",
    "StoreFailed",
    "StoreRolledBack",
    "SweepFinished",
    "TokenMalformed",
    "TokenReused",
    "TokenUnknown",
    "UserDisabled",
    "UserImpersonated",
    "UserRegistered",
    "UserRevoked",
    "UserUpdated",
]
