from coatcheck.manager import SessionManager
from coatcheck.stores.memory import MemoryStore
from coatcheck.web.api import script
from coatcheck.web.mount import Installation


def test_a_page_below_a_mount_point_finds_the_script_there():
    installation = Installation(SessionManager(MemoryStore()), [])
    assert installation.script_url({"root_path": "/shop"}) == f"/shop/auth/client.js?v={script.VERSION}"
    assert installation.script_url({}) == f"/auth/client.js?v={script.VERSION}"
