"""Takes the pictures of the dashboard for the docs: `python -m tests.browser.admin_screenshots`."""

import asyncio
import math
import tempfile
import time
from itertools import islice
from pathlib import Path

import msgspec
from playwright.sync_api import Browser, sync_playwright

from coatcheck.admin.minutes import HOUR_MINUTES, Hour
from coatcheck.core.device import describe as device_of
from coatcheck.core.events import (
    AnomalyFound,
    Event,
    SessionCreated,
    SessionReauthenticated,
    SessionRotated,
    TokenReused,
)
from coatcheck.core.events.wire import describe
from coatcheck.core.evidence import Evidence
from coatcheck.core.ledger import Entry, follow, genesis
from coatcheck.core.record import Record
from coatcheck.core.store import NEVER
from coatcheck.manager.rows import Step, TypedRows
from coatcheck.stores import SqliteStore
from tests.admin.crowd import AGENTS, crowd, fill
from tests.browser.running import Demo, running_browser, running_demo
from tests.browser.screenshots import FOLDER, SIZES

COUNT = 18_402
SPREAD = 1_700.0  # seconds within which all of them began
DAY_MINUTES = 24 * HOUR_MINUTES
CHAIN = "picture"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path, now = Path(folder) / "demo.db", time.time()
        fill(path, COUNT, now, spread=SPREAD)
        shown = next(islice(crowd(COUNT, now, SPREAD), 15_001, None))
        asyncio.run(furnish(path, now, shown))
        with (
            running_demo(Path(folder)) as demo,
            sync_playwright() as playwright,
            running_browser(playwright) as browser,
        ):
            for scheme in ("light", "dark"):
                for device in SIZES:
                    visit(browser, demo, scheme, device, shown.id)


async def furnish(path: Path, now: float, shown: Record) -> None:
    """Write a ledger, and the history of a day."""
    store = SqliteStore(path)
    digest, entries = genesis(CHAIN), []
    for seq, event in enumerate(story(now, shown), 1):
        body = msgspec.json.encode(describe(event), order="sorted")
        digest = follow(digest, body)
        whose = {"session_id": event.session_id, "user_id": event.user_id}
        entries.append(
            Entry(chain=CHAIN, seq=seq, digest=digest, text=body, name=event.name, at=event.at, **whose)
        )
    await store.append(entries)
    rows = TypedRows(store, "pulse:", Hour, {})
    for number, hour in history(int(now // 60)).items():
        await rows.change(str(number), lambda _, hour=hour: Step(None, hour, NEVER))
    await store.close()


def story(now: float, shown: Record) -> list[Event]:
    """Return what happened to one session, and to others."""
    began, client = shown.created_at, shown.device
    theirs = {"session_id": shown.id, "user_id": shown.user_id, "device": client}
    evidence = Evidence(presented=2, current=4, age=731.0, one_step_back=False)
    return [
        AnomalyFound(
            at=now - 3_400,
            rule="credential_stuffing",
            severity="alarm",
            response="notify",
            evidence=(("network", "203.0.113.0/24"), ("names", "214"), ("within seconds", "600")),
        ),
        SessionCreated(at=began, **theirs),
        SessionRotated(at=began + 915, generation=2, **theirs),
        AnomalyFound(
            at=began + 1_020,
            rule="change_of_network",
            severity="warning",
            response="reauthenticate",
            evidence=(("was", client.ip), ("is", "203.0.113.9")),
            **theirs,
        ),
        SessionReauthenticated(at=began + 1_080, **theirs),
        TokenReused(
            at=now - 300,
            evidence=evidence,
            ended=True,
            device=device_of("203.0.113.9", AGENTS[0]),
            session_id="7" * 32,
            user_id="u-1843",
        ),
    ]


def history(last: int) -> dict[int, Hour]:
    """Return a day as a busy site has it, up to the minute `last`."""
    hours: dict[int, Hour] = {}
    for minute in range(last - DAY_MINUTES, last):
        wave = math.cos((last - minute) / DAY_MINUTES * 2 * math.pi)
        noise = math.sin(minute * 12.9898) * 43_758.5453 % 1
        alive = int(COUNT * (0.7 + 0.3 * wave) + 300 * noise - 150)
        failures = int(9 * noise) + (90 if minute % 397 < 6 else 0)
        cells = (
            int(240 + 120 * wave + 60 * noise),
            failures,
            int(200 * noise),
            int(minute % 397 == 3),
            alive + 1,
        )
        hours.setdefault(minute // HOUR_MINUTES, {})[minute % HOUR_MINUTES] = cells
    return hours


def visit(browser: Browser, demo: Demo, scheme: str, device: str, id: str) -> None:
    context = browser.new_context(viewport=SIZES[device], color_scheme=scheme)
    page = context.new_page()
    demo.sign_in(page, "grace@example.test")
    pages = {
        "overview": "?range=day",
        "sessions": "sessions?q=iPhone",
        "session": f"sessions/{id}",
        "alarms": "alarms",
    }
    for name, path in pages.items():
        page.goto(f"{demo.url}/admin/{path}")
        page.wait_for_load_state()
        page.screenshot(
            path=FOLDER / f"admin-{name}-{scheme}-{device}.png",
            full_page=name != "sessions",
            animations="disabled",
        )
    context.close()


if __name__ == "__main__":
    main()
