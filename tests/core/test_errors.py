"""The error tree: as drawn, with a code and a remedy each."""

import inspect
import re

import pytest

from coatcheck.core import errors
from coatcheck.core.errors import CoatcheckError, ConfigurationError, SessionEnded
from coatcheck.core.reason import Reason

TREE = {
    name: kind
    for name, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, CoatcheckError)
}
NEVER_RAISED = {"CoatcheckError", "DataError", "StoreError"}


def test_the_drawing_shows_every_error_under_its_parent():
    path, drawn = [], {}
    for line in errors.__doc__.splitlines():
        word = re.search(r"\w+", line)
        if word and word.group() in TREE:
            del path[(word.start() - 4) // 4 :]
            drawn[word.group()] = path[-1] if path else "Exception"
            path.append(word.group())
    assert drawn == {name: kind.__base__.__name__ for name, kind in TREE.items()}


def test_codes_are_stable_words_and_unique():
    codes = {kind.code for kind in TREE.values()}
    assert len(codes) == len(TREE)
    assert all(re.fullmatch(r"[a-z_]+", code) for code in codes)


@pytest.mark.parametrize("name", sorted(TREE.keys() - NEVER_RAISED - {"ConfigurationError"}))
def test_every_error_says_what_to_do(name):
    kind = TREE[name]
    extra = {"reason": Reason.REVOKED} if kind is SessionEnded else {}
    assert kind.remedy
    assert str(kind("it broke", **extra)) == f"it broke. {kind.remedy}"


def test_a_remedy_fits_the_case():
    assert str(ConfigurationError("no", remedy="Try yes")) == "no. Try yes"
    assert str(CoatcheckError("no")) == "no"
    with pytest.raises(TypeError, match="remedy"):
        ConfigurationError("no")
    assert SessionEnded("over", reason=Reason.EVICTED).reason is Reason.EVICTED
