"""The sizes that docs/rooms/stores.md tells, measured again on fewer sessions."""

import re

from coatcheck import Identity, SessionManager
from coatcheck.stores import SqliteStore
from docs.generate import DOCS

SESSIONS = 500
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
NOTE = "x" * (200 - len('{"note":""}'))


async def bytes_per_session(path) -> float:
    store = SqliteStore(path)
    async with SessionManager(store) as manager:
        for number in range(SESSIONS):
            user = Identity(
                user_id=f"user-{number}",
                email=f"user{number}@example.test",
                name="Ada Lovelace",
                roles=frozenset({"user"}),
            )
            session = await manager.open(None, ip="203.0.113.7", user_agent=AGENT)
            await manager.begin(session, user)
            session["note"] = NOTE
            await manager.close(session)
            assert len(session.record.data) == 200
    await store.close()
    return path.stat().st_size / SESSIONS


async def test_a_session_with_200_bytes_of_data_takes_what_the_page_says(tmp_path):
    page = (DOCS / "rooms" / "stores.md").read_text("utf-8")
    told = int(re.search(r"\| signed in, 200 bytes of session data \| (\d+) \|", page)[1])
    assert 0.8 * told < await bytes_per_session(tmp_path / "sessions.db") < 1.2 * told
