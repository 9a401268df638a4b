"""The demo's mail: kept, bounded, and written from every notice that concerns its reader."""

import pytest

from coatcheck import Reason
from coatcheck.core.device import describe
from coatcheck.demo.mailbox import BECAUSE, MOST_LETTERS, Mailbox
from coatcheck.stores import MemoryStore
from coatcheck.watch.notices import BY_OTHERS, NewDevice, PasswordReplaced, SessionsEnded, Suspicion

ADA = {"user_id": "u-ada", "at": 1.0}


@pytest.mark.parametrize(
    ("notice", "subject", "text"),
    [
        (
            NewDevice(**ADA, device=describe("192.0.2.1", "curl"), session_id=None),
            "new sign-in",
            "curl, at the address 192.0.2.1",
        ),
        (PasswordReplaced(**ADA), "password was changed", "If it was not you"),
        (SessionsEnded(**ADA, reason=Reason.REVOKED, sessions=1), "A session of yours", "signed them out"),
        (SessionsEnded(**ADA, reason=Reason.TOKEN_REUSED, sessions=2), "2 sessions", "old ticket"),
    ],
)
async def test_a_notice_becomes_a_letter(notice, subject, text):
    box = Mailbox(MemoryStore())
    await box.deliver(notice)
    [letter] = await box.letters("u-ada")
    assert subject in letter.subject
    assert text in letter.text


async def test_the_latest_letters_are_kept_and_what_concerns_no_user_is_not():
    box = Mailbox(MemoryStore())
    for count in range(1, 9):
        await box.deliver(SessionsEnded(**ADA, reason=Reason.REVOKED, sessions=count))
    await box.deliver(Suspicion(user_id=None, at=2.0, rule="unknown_tokens", evidence=()))
    kept = await box.letters("u-ada")
    assert [letter.subject[0] for letter in kept] == ["8", "7", "6", "5", "4"]
    assert len(kept) == MOST_LETTERS
    assert await box.letters("u-grace") == ()


def test_every_reason_that_is_told_has_its_sentence():
    assert set(BECAUSE) == BY_OTHERS
