"""A walk past everything that the demo shows, for whoever wants to look at it."""

from collections.abc import Iterator

from playwright.sync_api import Page

from tests.browser.running import Demo
from tests.browser.staging import SITUATIONS, stage

NOTE = "Two coats, one umbrella, and the hat of somebody who left early."
THINGS = ("umbrella", "left glove", "theatre programme")
VISITOR_PAGES = {
    "landing": "/",
    "login": "/login?reason=idle_timeout",
    "register": "/register",
    "forgot-password": "/forgot-password",
    "not-found": "/login/nowhere",
}
USER_PAGES = {
    "dashboard": "/dashboard",
    "profile": "/profile",
    "settings": "/settings",
    "confirm": "/settings/confirm?next=/settings",
    "forbidden": "/admin/",
}


def tour(demo: Demo, page: Page) -> Iterator[str]:
    """Go from page to page, beginning and ending as a visitor; yield the name of what is shown."""
    for name, path in VISITOR_PAGES.items():
        page.goto(demo.url + path)
        yield name
    page.goto(f"{demo.url}/forgot-password")
    page.get_by_label("E-mail").fill("ada@example.test")
    page.get_by_role("main").get_by_role("button").click()
    yield "forgot-password-answer"
    demo.sign_in(page)
    fill_the_dashboard(page)
    for name, path in USER_PAGES.items():
        page.goto(demo.url + path)
        yield name
    page.goto(f"{demo.url}/dashboard")
    sign_out(page)
    yield "signed-out"


def tour_of_the_dialog(demo: Demo, page: Page) -> Iterator[str]:
    """Show every situation of the dialog over the dashboard; yield its name."""
    demo.sign_in(page)
    fill_the_dashboard(page)
    for situation in SITUATIONS:
        stage(page, situation)
        yield situation
        page.unroute_all()
    page.goto(f"{demo.url}/dashboard")
    sign_out(page)


def fill_the_dashboard(page: Page) -> None:
    """Put things into the pockets, and write a note."""
    for thing in THINGS:
        page.get_by_label("Put something in").fill(thing)
        page.get_by_role("button", name="Add").click()
        page.get_by_role("listitem").filter(has_text=thing).wait_for()
    page.get_by_label("Note").fill(NOTE)
    page.get_by_role("button", name="Save the note").click()
    page.get_by_text("Your note is saved.").wait_for()


def sign_out(page: Page) -> None:
    """Press the button in the header, as a person does who has had enough."""
    page.get_by_role("banner").get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/login**")
