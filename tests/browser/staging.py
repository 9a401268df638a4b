"""Brings a page before a deadline at once: the server's answer is true but for the seconds that are left."""

import threading

from playwright.sync_api import Page, Route

from tests.browser.running import dialog

LEFT = 119.6  # seconds, shown as 2:00
SITUATIONS = {
    "warning": {"warn_in": 0, "idle_expires_in": LEFT},
    "warning-limit": {"warn_in": 0, "idle_expires_in": LEFT, "expires_in": LEFT},
    "ended": None,
}


def stage(page: Page, situation: str) -> None:
    """Load the open page anew, in one of the `SITUATIONS`, until `page.unroute_all()`."""
    known = threading.Event()  # the client asks as often as it likes, before it knows anybody too

    def answer(route: Route) -> None:
        response = route.fetch()
        told = response.json()
        changed = SITUATIONS[situation]
        if changed:
            told["session"] |= changed
        elif known.is_set():  # there was a session when the page was opened
            told = {"session": None, "reason": "idle_timeout", "server_now": told["server_now"]}
        route.fulfill(response=response, json=told)

    page.route("**/auth/events", lambda route: route.abort())
    page.route("**/auth/session", answer)
    with page.expect_response("**/auth/session"):
        page.reload()
    if situation == "ended":
        wait_for_the_client(page)
        known.set()
        page.evaluate("void coatcheck.refresh()")
    dialog(page).wait_for()


def wait_for_the_client(page: Page) -> None:
    """Wait until the client knows who is signed in; asked from here, as the page's policy forbids `eval`."""
    for _ in range(100):
        if page.evaluate("coatcheck.getSnapshot().user"):
            return
        page.wait_for_timeout(50)
    raise AssertionError("the client knows of nobody")
