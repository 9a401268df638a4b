import sys

import pytest

from coatcheck.core.errors import ConfigurationError
from coatcheck.login import open_accounts


def test_a_missing_driver_is_named_with_the_extra_that_brings_it(monkeypatch):
    for name in list(sys.modules):
        if name.partition(".")[0] == "asyncpg" or name in (
            "coatcheck.login.postgres_accounts",
            "coatcheck.stores.postgres",
        ):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "asyncpg", None)
    with pytest.raises(ConfigurationError, match="asyncpg is not installed") as caught:
        open_accounts("postgresql://app:hunter2@db/app")
    assert caught.value.remedy == "pip install 'coatcheck[postgres]'"


def test_what_speaks_no_sql_keeps_no_accounts():
    with pytest.raises(ConfigurationError, match="speaks SQL"):
        open_accounts("redis://cache")
