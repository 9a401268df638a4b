"""What an account is, and what an address is."""

import pytest

from coatcheck.core.identity import Identity
from coatcheck.login.accounts import Account, fold_email, is_email, is_name


def test_an_account_gives_its_facts_to_the_session_and_hides_its_hash():
    account = Account(
        user_id="u1", email="ada@example.test", name="Ada", roles=frozenset({"admin"}), password_hash="secret"
    )
    assert account.identity == Identity(
        user_id="u1", email="ada@example.test", name="Ada", roles=frozenset({"admin"})
    )
    assert repr(account) == "<Account u1>"
    assert "secret" not in f"{account} {[account]}"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("ada@example.test", " ADA@Example.Test ", True),
        ("stra\u00dfe@example.test", "STRASSE@example.test", True),
        ("\u00e9@example.test", "e\u0301@example.test", True),
        ("\u00c9@example.test", "e\u0301@example.test", True),
        ("ada@example.test", "ada@example.org", False),
        ("ada@example.test", "ada+1@example.test", False),
    ],
)
def test_what_makes_an_address_unique(one, other, same):
    assert (fold_email(one) == fold_email(other)) == same
    assert fold_email(fold_email(one)) == fold_email(one)


@pytest.mark.parametrize(
    "text",
    ["ada@example.test", "a@b", "ada+x.y@mail.example.test", "\u00fc@b\u00fccher.example", "o'neil@x.test"],
)
def test_an_address(text):
    assert is_email(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ada",
        "@",
        "@example.test",
        "ada@",
        "ada@@example.test",
        "ada@b@example.test",
        "ada@.test",
        "ada@example..test",
        "ada@example.test.",
        "a da@example.test",
        "ada@example.test\n",
        "ada\x00@example.test",
        "ada\ud800@example.test",
        "ada\u200b@example.test",
        "\ufeffada@example.test",
        "\u202etset.elpmaxe@ada",
        "Ada <ada@example.test>",
        "ada@example.test,grace@example.test",
        "a" * 251 + "@b.c",
    ],
)
def test_no_address(text):
    assert not is_email(text)


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("", True),
        ("Ada King, Countess of Lovelace", True),
        ("\u5c0f\u660e", True),
        ("x" * 200, True),
        ("x" * 201, False),
        ("Ada\nadmin", False),
        ("Ada\x1b[31m", False),
        ("Ada\ud800", False),
        ("Ada\u2028", False),
        ("Ada \u202enimda", False),
        ("Ada \u2067nimda", False),
        ("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", True),
    ],
)
def test_a_name_can_be_displayed(text, good):
    assert is_name(text) == good


def test_what_is_too_long_for_an_address_is_folded_in_no_time_and_is_none():
    marks = "a" + "\u0301" * 15_500 + "\u0316" * 15_500
    assert len(fold_email(marks)) <= 255
    assert not is_email(fold_email("a@" + "b" * 300))
