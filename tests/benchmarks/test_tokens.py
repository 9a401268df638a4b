"""The benchmark of access tokens: everything that is measured does verify."""

import pytest

from benchmarks.options import Options
from benchmarks.parts import tokens
from coatcheck.testing import SeededEntropy
from coatcheck.tokens.key import generate, shared_secret


@pytest.mark.parametrize("key", [generate("ES256", SeededEntropy()), shared_secret(tokens.SECRET)], ids=str)
async def test_every_variant_verifies_the_token(key):
    found = tokens.variants(key)
    assert ("crudauth" in found) is key.is_shared
    for name, verify in found.items():
        assert await verify() is not None, name


def test_the_page_shows_every_variant_and_the_target():
    page = tokens.run(Options([], rounds=7, requests=2), None)
    assert [table.title for table in page.tables] == ["ES256", "HS256"]
    assert [len(table.rows) for table in page.tables] == [5, 6]
    assert [verdict.limit for verdict in page.verdicts] == [1.15]
