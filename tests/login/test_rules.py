"""What a new password must be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coatcheck.core.errors import ConfigurationError
from coatcheck.login.rules import PasswordPolicy, common_passwords

RULES = PasswordPolicy(product_words=("Coatcheck",))
ADA = ("ada.lovelace@example.test", "Ada King Lovelace")
GOOD = "vexing gnomes pack quartz jugs"


def code(password, **options):
    refusal = RULES.check(password, **options)
    return refusal and refusal.code


@pytest.mark.parametrize(
    ("password", "with_factor", "expected"),
    [
        (GOOD[:14], False, "password_too_short"),
        (GOOD[:15], False, None),
        (GOOD[:7], True, "password_too_short"),
        (GOOD[:8], True, None),
        ("", False, "password_too_short"),
        ("\N{CROSS MARK}ab\N{SNOWMAN}" * 3 + "cd", False, "password_too_short"),
        ("\N{PILE OF POO}ab\N{SNOWMAN}c\u00e9d\u00efe\u0301fghijk", False, None),
        ((GOOD * 40)[:1_024][::-1] + "", False, None),
        ("z" + (GOOD * 40)[:1_024], False, "password_too_long"),
    ],
)
def test_length_counts_code_points(password, with_factor, expected):
    assert code(password, with_factor=with_factor) == expected


@pytest.mark.parametrize(
    "password",
    [
        "123456789987654321",
        "QWERTY123456789",
        "passwordstandard",
        "PasswordPassword",
        "password12345678",
        "dragon!!!!!!!!!2024",
        "123456789012345",
        "aaaaaaaaaaaaaaa",
        "abcabcabcabcabc",
        "footballsunshine",
        "sunshinesunshinesun",
    ],
)
def test_what_everybody_would_guess_is_common(password):
    assert code(password) == "password_common"


@pytest.mark.parametrize(
    "password",
    [
        "ada.lovelace@example.test",
        "ADA.LOVELACE@EXAMPLE.TEST",
        "lovelace19151210",
        "LovelaceLovelace",
        "kinglovelace2024!",
        "coatcheck-2024-11",
        "ada king lovelace",
    ],
)
def test_what_others_know_of_the_user_is_personal(password):
    assert code(password, personal=ADA) == "password_personal"


@pytest.mark.parametrize(
    "password",
    [
        GOOD,
        "lovelace wrote the first program",
        "correct horse battery staple",
        "827364918264726",  # no composition rules: digits alone are fine
        "k3jd9fk2k3jd9fk2",
    ],
)
def test_what_is_neither_is_good(password):
    assert code(password, personal=ADA) is None


def test_a_password_of_eight_is_not_common_for_ending_as_it_began():
    assert code("xkcdjqvx", with_factor=True) is None


@given(st.text(min_size=0, max_size=40))
def test_every_text_gets_an_answer_and_length_comes_first(password):
    refusal = RULES.check(password, personal=ADA)
    assert (len(password) < 15) == (refusal is not None and refusal.code == "password_too_short")
    assert refusal is None or refusal.sentence.endswith(".")


@given(
    st.sampled_from(sorted(common_passwords())),
    st.text("0123456789!?.-_ ", max_size=20),
    st.text("0123456789!?.-_ ", max_size=20),
)
def test_decoration_makes_no_common_password_good(word, before, after):
    if word[0].isalpha() and word[-1].isalpha():
        assert code(f"{before}{word}{after}") in {"password_common", "password_too_short"}


# Folding lengthens a few letters, and a text that is then as long as a word may repeat itself.
letters = st.characters().filter(lambda letter: len(letter.casefold()) == 1)


@given(st.text(letters, min_size=1, max_size=7), st.integers(15, 60))
def test_a_short_text_repeated_is_common_however_often(unit, length):
    password = (unit * length)[:length]
    assert code(password) in {"password_common", "password_too_short"}


@given(st.text(min_size=15, max_size=40))
def test_with_another_factor_nothing_is_refused_that_was_accepted_without(password):
    if code(password) is None:
        assert code(password, with_factor=True) is None


def test_the_list_is_whole_and_in_lower_case():
    words = common_passwords()
    assert len(words) == 30_000
    assert all(word == word.casefold() for word in words)
    assert {"password", "123456789"} <= words
    assert "" not in words


@pytest.mark.parametrize(
    "wrong",
    [{"minimum": 7}, {"min_with_factor": 7}, {"min_with_factor": 16}, {"maximum": 63}, {"minimum": 2_000}],
)
def test_a_policy_below_the_standards_is_refused_when_made(wrong):
    with pytest.raises(ConfigurationError) as caught:
        PasswordPolicy(**wrong)
    assert "ASVS" in caught.value.remedy
