"""What can go wrong before the server runs, and a server that does run."""

import json
import shlex
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
import trustme

from coatcheck.cli import main
from coatcheck.core.errors import ConfigurationError
from coatcheck.demo.announcing import answers, as_line, as_text, reset_command
from coatcheck.demo.options import DemoOptions, Listening, Timing
from coatcheck.demo.seed import SeededUser
from coatcheck.demo.serve import address, listen, run

COMMAND = str(Path(sys.executable).with_name("coatcheck"))
NEW = [SeededUser("ada@example.test", "lusab-babad", frozenset({"user"}))]
KNOWN = [SeededUser("ada@example.test", None, frozenset({"user"}))]


@pytest.fixture
def certificate(tmp_path):
    """Write a self-signed certificate and its key."""
    issued = trustme.CA().issue_cert("127.0.0.1")
    certfile, keyfile = tmp_path / "cert.pem", tmp_path / "key.pem"
    issued.cert_chain_pems[0].write_to_path(certfile)
    issued.private_key_pem.write_to_path(keyfile)
    return certfile, keyfile


@pytest.fixture
def start(tmp_path):
    """Start `coatcheck demo` on a free port in an empty folder; return the process and its first line."""
    servers = []

    def start(*arguments):
        command = [COMMAND, "demo", "--json", "--port", "0", *arguments]
        server = subprocess.Popen(
            command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        servers.append(server)
        return server, json.loads(server.stdout.readline())

    yield start
    for server in servers:
        server.terminate()
        server.communicate(timeout=10)


def test_a_busy_port_is_told_before_anything_starts():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigurationError, match=f"cannot listen on 127.0.0.1 port {port}"):
            listen(Listening(port=port))


def test_an_address_of_another_machine_is_told():
    with pytest.raises(ConfigurationError, match=r"cannot listen on 192\.0\.2\.1"):
        listen(Listening(host="192.0.2.1", port=0))


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1", "http://127.0.0.1:"), ("0.0.0.0", "http://127.0.0.1:"), ("::1", "http://[::1]:")],
)
def test_the_address_is_one_that_a_browser_here_can_open(host, expected):
    listening = Listening(host=host, port=0)
    with listen(listening) as listener:
        assert address(listening, listener) == f"{expected}{listener.getsockname()[1]}"


def test_a_missing_folder_and_contradicting_lifetimes_are_configuration_errors(tmp_path):
    with pytest.raises(ConfigurationError):
        run(DemoOptions(database=f"sqlite:///{tmp_path}/nowhere/x.db"))
    with pytest.raises(ConfigurationError, match="idle=60 is longer than absolute=30"):
        run(DemoOptions(timing=Timing(idle=60, absolute=30)))


def test_a_key_that_does_not_fit_its_certificate_is_told(certificate, tmp_path):
    certfile, _ = certificate
    other = tmp_path / "other.pem"
    trustme.CA().issue_cert("127.0.0.1").private_key_pem.write_to_path(other)
    listening = Listening(certfile=str(certfile), keyfile=str(other))
    with pytest.raises(ConfigurationError, match="cannot use the certificate"):
        run(DemoOptions(database="memory://", listening=listening))


def test_a_password_is_shown_once_and_its_reset_afterwards():
    assert json.loads(as_line("http://h:1", NEW)) == {
        "url": "http://h:1",
        "users": [{"email": "ada@example.test", "password": "lusab-babad", "roles": ["user"]}],
    }
    assert json.loads(as_line("http://h:1", KNOWN))["users"][0]["password"] is None
    assert "lusab-babad" in as_text("http://h:1", NEW, DemoOptions())
    again = as_text("http://h:1", KNOWN, DemoOptions(database="memory://", accounts="my people.db"))
    command = "coatcheck users reset-password ada@example.test --database memory:// --accounts 'my people.db'"
    assert f"    {command}\n" in again


def test_the_command_that_makes_a_new_password_works(start, tmp_path):
    first, _ = start("--database", "sqlite:///other.db")
    first.terminate()
    command = reset_command("ada@example.test", DemoOptions(database="sqlite:///other.db"))
    reset = subprocess.run(
        [COMMAND, *shlex.split(command)[1:]], check=True, cwd=tmp_path, capture_output=True, text=True
    )
    assert "ada@example.test" in reset.stdout


def test_the_command_names_the_program_as_it_was_called(monkeypatch):
    monkeypatch.setattr("sys.argv", [".venv/bin/coatcheck", "demo"])
    command = reset_command("ada@example.test", DemoOptions())
    assert command.startswith(".venv/bin/coatcheck users reset-password ada@example.test --database sqlite:")


def test_nobody_answers_where_nobody_listens():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert not answers(f"http://127.0.0.1:{port}")


def test_two_workers_over_tls_serve_what_the_first_line_promises(start, certificate):
    certfile, keyfile = certificate
    server, told = start(
        "--workers", "2", "--certfile", str(certfile), "--keyfile", str(keyfile), "--idle", "30"
    )
    assert told["url"].startswith("https://127.0.0.1:")
    assert [user["email"] for user in told["users"]] == ["ada@example.test", "grace@example.test"]
    page = httpx.get(f"{told['url']}/login", verify=False)  # noqa: S501 - it signed its certificate itself
    assert page.status_code == 200
    assert "server" not in page.headers
    assert page.headers["strict-transport-security"].startswith("max-age=31536000")
    scraped = httpx.get(f"{told['url']}/metrics", verify=False).text  # noqa: S501 - likewise
    assert 'coatcheck_sign_ins_total{outcome="succeeded"} 0.0' in scraped
    server.send_signal(signal.SIGINT)
    assert server.wait(10) in (0, 130, -signal.SIGINT)
    assert "Traceback" not in server.stderr.read()


def test_a_second_start_knows_its_users_and_says_no_password(start):
    first, told = start()
    assert all(len(user["password"]) >= 15 for user in told["users"])
    first.terminate()
    first.wait(10)
    _, told_again = start()
    assert [user["password"] for user in told_again["users"]] == [None, None]


@pytest.mark.parametrize(
    "arguments",
    [
        ("--database", "sqlite:///nowhere/x.db"),
        ("--database", "nonsense"),
        ("--rotate", "20", "--overlap", "10"),
        ("--workers", "0"),
        ("--database", "memory://", "--workers", "2"),
    ],
)
def test_what_cannot_work_is_one_line_and_status_2(tmp_path, arguments, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["demo", *arguments]) == 2
    said = capsys.readouterr()
    assert (len(said.err.strip().splitlines()), said.out) == (1, "")
    assert "Traceback" not in said.err


def test_answers_on_a_connection_kept_open_are_not_held_back():
    # asyncio sets TCP_NODELAY where a socket says that it is TCP; a connection says what its listener says.
    with listen(Listening(port=0)) as listener:
        assert listener.proto == socket.IPPROTO_TCP
        assert listener.get_inheritable()


def test_the_demo_runs_on_postgresql_accounts_and_all(start, emptied, tmp_path):
    _, told = start("--database", emptied, "--workers", "2")
    with httpx.Client(base_url=told["url"], headers={"origin": told["url"]}, timeout=60) as browser:
        ada = told["users"][0]
        signed_in = browser.post("/auth/login", json={"email": ada["email"], "password": ada["password"]})
        assert signed_in.status_code == 200
        assert browser.get("/auth/session").json()["session"]["user"]["email"] == ada["email"]
    assert list(tmp_path.iterdir()) == []
