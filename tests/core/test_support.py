"""Support codes: they lead back to where a session id begins."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coatcheck.core.support import id_prefix, support_code

session_ids = st.binary(min_size=16, max_size=16).map(bytes.hex)


@given(session_ids)
def test_a_code_leads_to_how_the_id_begins(id):
    assert id_prefix(support_code(id)) == id[:10]


def test_a_code_is_eight_characters_in_two_groups():
    assert support_code("0123456789" + "f" * 22) == "04HM-ASW9"
    assert support_code("0" * 32) == "0000-0000"
    assert support_code("f" * 32) == "ZZZZ-ZZZZ"


@pytest.mark.parametrize("typed", ["04hm-asw9", " 04HMASW9 ", "O4HM ASW9", "o4hm-asw9"])
def test_a_code_is_read_as_people_type_it(typed):
    assert id_prefix(typed) == "0123456789"


@pytest.mark.parametrize("nonsense", ["", "04HM", "04HM-ASW9X", "04HM-ASRU", "f" * 32, "Ä4HM-ASW9"])
def test_what_is_no_code_leads_nowhere(nonsense):
    assert id_prefix(nonsense) is None
