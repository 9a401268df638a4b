from pathlib import Path

import pytest

from coatcheck.core.errors import ConfigurationError
from coatcheck.stores import MemoryStore, MovingStore, NearStore, SqliteStore, is_sql, open_store, sqlite_path
from coatcheck.testing.contract import sample_record


@pytest.mark.parametrize("url", ["memory://", "memory:///"])
def test_memory(url):
    assert isinstance(open_store(url), MemoryStore)


async def test_three_slashes_name_a_file_in_the_working_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    store = open_store("sqlite:///relative.db")
    monkeypatch.chdir("/")  # what was meant when the store was opened stays meant
    await store.create(sample_record(1))
    await store.close()
    assert store.path == tmp_path / "relative.db"


def test_four_slashes_name_a_file_anywhere(tmp_path):
    store = open_store(f"sqlite:///{tmp_path}/absolute.db")
    assert isinstance(store, SqliteStore)
    assert store.path == tmp_path / "absolute.db"


def test_a_name_is_taken_letter_by_letter(tmp_path):
    open_store(f"sqlite:///{tmp_path}/50% off?mode=memory #1.db")
    assert [path.name for path in tmp_path.iterdir()] == ["50% off?mode=memory #1.db"]


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("", "not named by a URL"),
        ("sessions.db", "not named by a URL"),
        ("sqlite:sessions.db", "not named by a URL"),
        ("sqlite://", "three slashes"),
        ("sqlite://sessions.db", "three slashes"),
        ("sqlite:///", "names no file"),
        ("sqlite:////tmp/", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("memory://sessions", "takes no name"),
        ("mysql://root:secret@db/app", "there is no store for mysql://"),
    ],
)
def test_a_url_that_cannot_work_is_one_line_with_a_remedy_and_no_password(url, complaint):
    with pytest.raises(ConfigurationError, match=complaint) as caught:
        open_store(url)
    text = str(caught.value)
    assert "sqlite:///sessions.db" in text
    assert "\n" not in text
    assert "secret" not in text


def test_a_missing_folder_is_named_before_anything_is_made(tmp_path):
    with pytest.raises(ConfigurationError, match=r"no folder .*/nowhere\. Create it"):
        open_store(f"sqlite:///{tmp_path}/nowhere/sessions.db")
    assert list(Path(tmp_path).iterdir()) == []


def test_two_urls_make_a_store_whose_sessions_move_and_of_which_nothing_is_remembered(tmp_path):
    source, target = f"sqlite:///{tmp_path}/old.db", f"sqlite:///{tmp_path}/new.db"
    store = open_store(target, near=True, moving_from=source)
    assert isinstance(store, MovingStore)
    assert (store.source.path.name, store.target.path.name) == ("old.db", "new.db")
    with pytest.raises(ConfigurationError, match="cannot move to where they are"):
        open_store(target, moving_from=target)


def test_a_store_that_cannot_give_or_take_sessions_is_refused():
    with pytest.raises(ConfigurationError, match=r"from a NearStore\. Give it the skills"):
        MovingStore(MemoryStore(), NearStore(MemoryStore()))


@pytest.mark.parametrize(
    ("url", "speaks"),
    [("sqlite:///app.db", True), ("postgres://db", True), ("postgresql://db", True), ("redis://db", False)],
)
def test_accounts_may_live_in_what_speaks_sql(url, speaks):
    assert is_sql(url) is speaks


@pytest.mark.parametrize(
    ("url", "path"),
    [("sqlite:///app.db", "app.db"), ("sqlite:////var/app.db", "/var/app.db"), ("memory://", None)],
)
def test_the_file_of_a_url_is_where_accounts_may_live_too(url, path):
    assert sqlite_path(url) == path


@pytest.mark.parametrize("url", ["mysql://db/app", "sessions.db"])
def test_who_names_no_store_hears_of_those_on_servers_too(url):
    with pytest.raises(
        ConfigurationError, match=r"postgresql://user:password@host/database, redis://host or memory://"
    ):
        open_store(url)
