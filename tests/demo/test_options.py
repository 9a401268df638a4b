import msgspec
import pytest

from coatcheck.core.errors import ConfigurationError
from coatcheck.core.lifetimes import Lifetimes
from coatcheck.demo.options import DemoOptions, Listening, Timing


def test_usual_options_are_the_usual_lifetimes():
    usual, demo = Lifetimes(), Timing().lifetimes()
    assert demo.describe() == usual.describe()


def test_a_short_idle_timeout_shortens_warning_and_touch_interval():
    lifetimes = Timing(idle=20).lifetimes()
    assert lifetimes.touch_interval == 2
    assert 0 < lifetimes.warning < 20


@pytest.mark.parametrize(
    ("timing", "named"),
    [
        (Timing(idle=60, absolute=30), "idle=60"),
        (Timing(rotate=30, overlap=10, tolerance=5), "rotate=30"),
        (Timing(idle=0), "idle=0"),
        (Timing(idle=-5), "idle=-5 is not a time that can pass. Give seconds, such as --idle 60"),
        (Timing(absolute=float("inf")), "--absolute"),
        (Timing(overlap=-1), "overlap"),
        (Timing(idle=100_000, absolute=200_000), "looser .* at most --idle 3600 and --absolute 86400"),
    ],
)
def test_contradicting_lifetimes_are_refused_by_name(timing, named):
    with pytest.raises(ConfigurationError, match=named):
        timing.lifetimes()


@pytest.mark.parametrize(
    "facts",
    [
        {"port": 65_536},
        {"port": -1},
        {"workers": 0},
        {"workers": 65},
        {"certfile": "cert.pem"},
        {"keyfile": "key.pem"},
        {"certfile": "missing.pem", "keyfile": "missing.pem"},
    ],
)
def test_listening_that_cannot_work_is_refused(facts):
    with pytest.raises(ConfigurationError):
        Listening(**facts)


def test_memory_cannot_be_shared_by_workers():
    with pytest.raises(ConfigurationError, match="one process"):
        DemoOptions(database="memory://", listening=Listening(workers=2))


@pytest.mark.parametrize("url", ["sqlite:////tmp/x.db", "postgresql://db/app", "postgres://db/app"])
def test_accounts_live_in_the_database_if_it_speaks_sql(url):
    assert DemoOptions(database=url).accounts_url == url
    assert DemoOptions(database="memory://", accounts="people.db").accounts_url == "sqlite:///people.db"
    assert DemoOptions(database="memory://", moving_from=url).accounts_url == url


def test_options_survive_the_way_to_a_worker():
    options = DemoOptions(database="sqlite:///x.db", timing=Timing(idle=20), listening=Listening(port=0))
    assert msgspec.json.decode(msgspec.json.encode(options), type=DemoOptions) == options


def test_plain_http_is_what_comes_without_tls_and_without_a_proxy():
    assert Listening().plain
    assert not Listening(trusted_proxies="127.0.0.1").plain
