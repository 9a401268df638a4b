import pytest

from benchmarks.servers import Servers


@pytest.fixture(scope="session")
def servers():
    """Those that the tests of this worker share; each starts when the first test asks for it."""
    with Servers() as servers:
        yield servers
