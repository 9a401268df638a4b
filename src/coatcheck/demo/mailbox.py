"""The mail that the demo would send if it had a mail server: kept in the store, for its reader to see."""

import msgspec

from coatcheck.core.lifetimes import DAY
from coatcheck.core.reason import Reason
from coatcheck.manager.rows import Step, TypedRows
from coatcheck.watch.notices import NewDevice, Notice, PasswordReplaced, SessionsEnded

MOST_LETTERS = 5
KEPT = 30 * DAY

BECAUSE = {
    Reason.REVOKED: "You or the house signed them out.",
    Reason.TOKEN_REUSED: "An old ticket was shown. Somebody may have copied it.",
    Reason.USER_DISABLED: "Your account was closed.",
}


class Letter(msgspec.Struct, frozen=True, array_like=True):
    """One mail: when it was sent (seconds since the epoch), and what it says."""

    at: float
    subject: str
    text: str


class Mailbox:
    """Keeps the latest letters to each user."""

    def __init__(self, store: object) -> None:
        self._letters = TypedRows(store, "demo/mail:", tuple[Letter, ...], ())

    async def deliver(self, notice: Notice) -> None:
        """Put a notice into its user's box, as the letter that it would be."""
        letter = _letter(notice)
        if letter is not None and notice.user_id is not None:
            await self._letters.change(
                notice.user_id,
                lambda held: Step(None, (letter, *held)[:MOST_LETTERS], letter.at + KEPT),
            )

    async def letters(self, user_id: str) -> tuple[Letter, ...]:
        """Return what a user got, the newest first."""
        return await self._letters.get(user_id)


def _letter(notice: Notice) -> Letter | None:
    device = notice.device
    match notice:
        case NewDevice() if device is not None:
            return Letter(
                notice.at,
                "A new sign-in to your account",
                f"From {device.label}, at the address {device.ip}. If it was not you, change your password.",
            )
        case PasswordReplaced():
            return Letter(
                notice.at, "Your password was changed", "If it was not you, write to the house at once."
            )
        case SessionsEnded(sessions=count):
            subject = (
                "A session of yours was ended" if count == 1 else f"{count} sessions of yours were ended"
            )
            return Letter(notice.at, subject, BECAUSE[notice.reason])
        case _:
            return None
