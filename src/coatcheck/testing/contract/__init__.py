"""What every store must do, as tests: subclass `StoreContract` in a test file and say how to make yours.

    class TestMyStore(StoreContract):
        async def make_store(self) -> Store:
            return MyStore(...)

Needs pytest and pytest-asyncio. A test that needs a skill, other processes or damaged rows is
skipped unless the store offers them.
"""

import pytest

THEMES = (
    *("basics", "touching", "merging", "endings", "users"),
    *("sweeping", "corruption", "rows", "scanning", "processes", "feeding", "granting"),
    *("auditing",),
)
# So that an assertion that fails shows its values, as in any test file.
pytest.register_assert_rewrite(*(f"{__name__}.{theme}" for theme in THEMES))

from coatcheck.testing.contract.case import Damage, Poison, StoreCase  # noqa: E402 - after the rewrite is set up
from coatcheck.testing.contract.sample import NOW, sample_grant, sample_record  # noqa: E402
from coatcheck.testing.contract.suite import StoreContract  # noqa: E402

__all__ = ["NOW", "Damage", "Poison", "StoreCase", "StoreContract", "sample_grant", "sample_record"]
