import dataclasses

import pytest

from coatcheck import ConfigurationError
from coatcheck.manager import SessionManager
from coatcheck.stores.memory import MemoryStore
from coatcheck.testing import SeededEntropy
from coatcheck.tokens import Sealer, TokenPolicy
from coatcheck.web.api import script
from coatcheck.web.mount import Installation, Policies


def test_a_page_below_a_mount_point_finds_the_script_there():
    installation = Installation(SessionManager(MemoryStore()), [])
    assert installation.script_url({"root_path": "/shop"}) == f"/shop/auth/client.js?v={script.VERSION}"
    assert installation.script_url({}) == f"/auth/client.js?v={script.VERSION}"


def test_an_app_whose_signing_keys_would_lie_in_the_clear_does_not_start():
    manager = SessionManager(MemoryStore())
    policy = TokenPolicy(issuer="https://app.test", audience="app")
    with pytest.raises(ConfigurationError, match="must be sealed"):
        Installation(manager, [], policies=Policies(tokens=policy))
    for keys in (Sealer([SeededEntropy("seal").token_bytes(32)]), "unsealed"):
        tokens = dataclasses.replace(policy, keys=keys)
        assert Installation(manager, [], policies=Policies(tokens=tokens)).issuer is not None
