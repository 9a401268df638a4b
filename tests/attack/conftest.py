"""The servers under attack: started once for each process that runs tests, on free ports."""

import pytest

from tests.attack.certificate import make_certificate
from tests.attack.servers import PROXY, PUBLIC_ORIGIN, running_demo, running_target


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    return make_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture(scope="session")
def target(tmp_path_factory, certificate):
    """The suite's own application: two workers, TLS, the usual lifetimes, a clock to turn."""
    with running_target(tmp_path_factory.mktemp("target"), certificate) as server:
        yield server


@pytest.fixture
def own_target(tmp_path, certificate):
    """The same for one test alone, which may leave its clocks or its database in ruins."""
    with running_target(tmp_path, certificate) as server:
        yield server


@pytest.fixture(scope="session")
def behind_proxy(tmp_path_factory):
    """The same over plain http, as behind a proxy at `PROXY` that speaks TLS for it."""
    folder = tmp_path_factory.mktemp("plain")
    with running_target(folder, None, trusted_proxies=PROXY, public=PUBLIC_ORIGIN) as server:
        yield server


@pytest.fixture(scope="session")
def demo(tmp_path_factory, certificate):
    """The demo as it is started in earnest: two workers, TLS, the usual lifetimes."""
    with running_demo(tmp_path_factory.mktemp("demo"), certificate) as server:
        yield server


@pytest.fixture(scope="session")
def hasty_demo(tmp_path_factory, certificate):
    """The demo in a hurry: one can wait for its deadlines and rotations."""
    hurry = ["--idle", "4", "--absolute", "7", "--rotate", "3", "--overlap", "1", "--tolerance", "0.2"]
    with running_demo(tmp_path_factory.mktemp("hasty"), certificate, *hurry) as server:
        yield server


@pytest.fixture
def user(target):
    """Somebody with an account on the target whom no other test knows."""
    return target.new_user()


@pytest.fixture
def signed_in(target, user):
    """That user's browser: token and session id."""
    return target.sign_in(user)
