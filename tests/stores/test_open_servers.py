"""URLs of servers that cannot work: one line that names the remedy, and never a password.

The same sentence wherever it is met: from `open_store`, from the command line with status 2, and from an
adapter's `install`, before the app starts.
"""

import sys
import time

import pytest
from starlette.applications import Starlette

from coatcheck.adapters.starlette import install
from coatcheck.cli import main
from coatcheck.core.errors import CoatcheckError, ConfigurationError, StoreUnavailable
from coatcheck.stores import open_store
from coatcheck.stores.redis import clients
from tests.servers.redis import free_port, running_redis

SECRET = "hunter2"
SLOWEST = 15.0  # seconds until a mistake is told


@pytest.fixture(scope="module")
def servers(postgres, redis_8, redis_cluster):
    """The ports of real servers, by name, and of nobody."""
    with running_redis(requirepass="right") as guarded:
        yield {
            "postgres": postgres.port,
            "redis": redis_8.port,
            "guarded": guarded.port,
            "node": redis_cluster.nodes[0].port,
            "nobody": free_port(),
        }


TABLE = [
    ("postgresql://app:hunter2@127.0.0.1:{nobody}/app", "nothing answers at", "Start PostgreSQL there"),
    ("postgres://app:hunter2@127.0.0.1:{postgres}/app", "refuses this user and password", "Correct them"),
    ("postgresql://coatcheck:hunter2@127.0.0.1:{postgres}/postgres", "refuses this user", "percent-encode"),
    (
        "postgresql://coatcheck:a%20secret%20of%20the%20tests@127.0.0.1:{postgres}/none",
        "has no such database",
        "Create it with createdb",
    ),
    ("postgresql://app:hunter2@no-such-host.invalid/app", "there is no host", "Correct the name"),
    ("postgresql://app:hunter2#x@127.0.0.1/app", "no URL of PostgreSQL", "percent-encoded"),
    ("postgresql://app:hunter2@127.0.0.1:port/app", "a URL that cannot be used", "Correct its port"),
    ("redis://:hunter2@127.0.0.1:{nobody}", "cannot be reached", "Check that it runs"),
    ("redis://:hunter2@127.0.0.1:{guarded}", "refuses the password", "Put the right user name"),
    ("redis://127.0.0.1:{guarded}", "asks for a password", "Put it into the URL"),
    (
        "rediss://:hunter2@127.0.0.1:{redis}",
        "does not answer in time",
        "and write redis:// if it speaks no TLS",
    ),
    ("redis+cluster://:hunter2@127.0.0.1:{nobody}", "cannot be reached", "Check that it runs"),
    ("redis+cluster://127.0.0.1:{redis}", "none of a Cluster", "Use redis://"),
    ("redis://127.0.0.1:{node}", "one of a Cluster", "Use redis+cluster://"),
    ("redis://127.0.0.1:port", "", "redis://"),
    ("mongodb://app:hunter2@127.0.0.1/app", "there is no store for mongodb://", "sqlite:///sessions.db"),
    ("127.0.0.1/app?password=hunter2", "not named by a URL", "sqlite:///sessions.db"),
]


@pytest.mark.parametrize(("url", "complaint", "remedy"), TABLE)
def test_what_cannot_work_is_one_line_with_a_remedy_and_no_password(
    servers, url, complaint, remedy, capsys, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    url = url.format(**servers)
    began = time.monotonic()
    with pytest.raises((ConfigurationError, StoreUnavailable)) as caught:
        open_store(url)
    assert time.monotonic() - began < SLOWEST
    told = str(caught.value)
    assert complaint in told
    assert remedy in told

    monkeypatch.setattr(clients, "ANSWER_SECONDS", 0.5)  # to have waited that long once is enough
    assert main(["sessions", "list", "--database", url]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == f"coatcheck: {told}\n"

    with pytest.raises(CoatcheckError) as at_start:
        install(Starlette(), url)
    assert str(at_start.value) == told
    assert "\n" not in told
    assert SECRET not in told
    assert SECRET not in repr(caught.value)


@pytest.mark.parametrize(
    ("url", "driver", "extra"),
    [
        ("postgresql://app:hunter2@db/app", "asyncpg", "postgres"),
        ("redis://:hunter2@cache", "redis", "redis"),
        ("redis+cluster://:hunter2@cache", "redis", "redis"),
    ],
)
def test_a_missing_extra_is_named(monkeypatch, capsys, url, driver, extra):
    for name in list(sys.modules):
        if name.partition(".")[0] == driver or name.startswith(f"coatcheck.stores.{extra}"):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, driver, None)
    with pytest.raises(ConfigurationError) as caught:
        open_store(url)
    assert str(caught.value) == f"{driver} is not installed. pip install 'coatcheck[{extra}]'"
    assert main(["sweep", "--database", url]) == 2
    assert capsys.readouterr().err == f"coatcheck: {caught.value}\n"
