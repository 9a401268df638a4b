"""The command line as a process: exit statuses, one line for a fault, and a quick start."""

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from coatcheck.cli import main, sweep
from coatcheck.core.lifetimes import Lifetimes
from coatcheck.demo import serve


def shell(*arguments, code="from coatcheck.cli import main; raise SystemExit(main())", **options):
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], check=False, capture_output=True, text=True, **options
    )


def test_version(coatcheck):
    assert coatcheck("--version").out == "coatcheck 0.1.0\n"


def test_without_a_command_it_shows_its_help(coatcheck):
    assert "sessions" in coatcheck().out


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("bogus",), "No such command 'bogus'. See coatcheck --help"),
        (("session",), "Did you mean 'sessions'? See coatcheck --help"),
        (("audit", "query", "--event", "nosuch"), "there is no event nosuch"),
        (("users", "list", "--bogus"), "See coatcheck users list --help"),
        (("users",), "Missing command. See coatcheck users --help"),
        (("users", "list", "--limit", "0"), "--limit"),
        (("sessions", "list"), "there is no database coatcheck.db"),
        (("users", "list"), "there is no database coatcheck.db"),
        (("sessions", "list", "--database", "nonsense"), "not named by a URL"),
        (("sessions", "list", "--database", "memory://"), "its own server only"),
        (("users", "add", "a@example.test", "--database", "sqlite:///no/folder.db"), "no folder"),
        (("demo", "--overlap", "1000"), "rotate=900 is not longer"),
        (("demo", "--idle", "soon"), "--idle"),
        (("demo", "--idle", "-5"), "Give seconds, such as --idle 60"),
        (("demo", "--port", "80a"), "as an integer. See coatcheck demo --help"),
    ],
)
def test_a_fault_is_one_line_and_status_2(coatcheck, arguments, why):
    answer = coatcheck(*arguments)
    assert answer.status == 2
    assert why in answer.complaint


def test_a_slip_in_a_name_makes_no_database(coatcheck, folder):
    coatcheck("sessions", "list")
    coatcheck("users", "list")
    assert list(folder.iterdir()) == []


def test_a_process_speaks_json_alone_on_stdout():
    added = shell("users", "add", "ada@example.test", "--json")
    assert (added.returncode, added.stderr) == (0, "")
    assert json.loads(added.stdout)["user"]["email"] == "ada@example.test"
    again = shell("users", "add", "ada@example.test", "--json")
    assert (again.returncode, again.stdout) == (1, "")
    assert again.stderr.count("\n") == 1


def test_help_imports_nothing_heavy():
    code = """import sys
from dataclasses import asdict
from pathlib import Path
from coatcheck.cli import main
main(["--help"])
heavy = {"fastapi", "starlette", "argon2", "bcrypt", "uvicorn", "jinja2"}
print(heavy & set(sys.modules), file=sys.stderr)"""
    assert shell(code=code).stderr == "set()\n"


# Ctrl-C comes at the moment somebody is asked, or the moment the commands are loaded.
WHILE_ASKING = """
class Asked:
    def isatty(self): return False
    def readline(self): signal.raise_signal(signal.SIGINT)
sys.stdin = Asked()
"""
WHILE_STARTING = """
class Loading:
    def find_spec(self, name, *_):
        if name == "coatcheck.cli.app": signal.raise_signal(signal.SIGINT)
sys.meta_path.insert(0, Loading())
"""


@pytest.mark.parametrize("moment", [WHILE_ASKING, WHILE_STARTING], ids=["while asking", "while starting"])
def test_ctrl_c_is_130_without_a_trace(moment):
    code = f"""import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
{moment}
from coatcheck.cli import main
raise SystemExit(main())"""
    answer = shell("users", "add", "ada@example.test", "--ask-password", code=code)
    assert (answer.returncode, answer.stdout, answer.stderr) == (130, "", "")


@pytest.mark.parametrize(
    ("missing", "extra"), [("typer", "cli,login"), ("argon2", "login"), ("uvicorn", "demo")]
)
def test_a_missing_extra_is_named(missing, extra):
    code = f"""import sys; sys.modules[{missing!r}] = None
from coatcheck.cli import main; raise SystemExit(main())"""
    command = ["demo"] if extra == "demo" else ["users", "add", "ada@example.test"]
    answer = shell(*command, code=code)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert f"pip install 'coatcheck[{extra}]'" in answer.stderr
    assert answer.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("room", "missing", "extra"),
    [
        ("coatcheck.tokens", "joserfc", "tokens"),
        ("coatcheck.tokens", "cryptography", "tokens"),
        ("coatcheck.stores.sealed", "cryptography", "encryption"),
    ],
)
def test_a_room_whose_extra_is_missing_says_so(room, missing, extra):
    code = f"""import sys; sys.modules[{missing!r}] = None
from coatcheck import ConfigurationError
try:
    import {room}
except ConfigurationError as error:
    raise SystemExit(str(error))"""
    assert shell(code=code).stderr == f"{missing} is not installed. pip install 'coatcheck[{extra}]'\n"


def test_all_that_the_demo_misses_is_told_at_once():
    code = """import sys; sys.modules.update(argon2=None, jinja2=None)
from coatcheck.cli import main; raise SystemExit(main())"""
    told = shell("demo", code=code).stderr
    assert told == "coatcheck: argon2, jinja2 are not installed: pip install 'coatcheck[demo]'\n"


def test_a_bug_of_ours_is_not_hidden(monkeypatch, coatcheck):
    def fail(*_arguments, **_flags):
        raise ZeroDivisionError

    monkeypatch.setattr(sweep, "open_manager", fail)
    with pytest.raises(ZeroDivisionError):
        main(["sweep"])


@pytest.fixture
def told(monkeypatch):
    """What the demo was told; it does not start."""
    heard = []
    monkeypatch.setattr(serve, "run", heard.append)
    return heard


def test_the_demo_hears_every_flag(coatcheck, told):
    flags = "--port 0 --host ::1 --workers 2 --idle 9 --absolute 20 --rotate 5 --overlap 1 --tolerance 0.5"
    files = "--database sqlite:///x.db --accounts a.db --certfile c.pem --keyfile k.pem"
    for name in ("c.pem", "k.pem"):
        Path(name).touch()
    assert coatcheck("demo", *flags.split(), *files.split(), "--trusted-proxies", "::1", "--json").status == 0
    (options,) = told
    assert (options.database, options.accounts, options.json) == ("sqlite:///x.db", "a.db", True)
    assert asdict(options.timing) == {"idle": 9, "absolute": 20, "rotate": 5, "overlap": 1, "tolerance": 0.5}
    assert asdict(options.listening) == {
        "host": "::1",
        "port": 0,
        "workers": 2,
        "certfile": "c.pem",
        "keyfile": "k.pem",
        "trusted_proxies": "::1",
    }


def test_the_demo_keeps_the_usual_lifetimes(coatcheck, told):
    coatcheck("demo")
    assert told[0].timing.idle == Lifetimes().idle
    assert told[0].timing.rotate == Lifetimes().rotation.period
