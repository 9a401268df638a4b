"""What happens to laptops and networks: a page corrects itself from the server, and nobody is signed out."""

import contextlib
import time

import pytest
from playwright.sync_api import expect

from tests.browser.background import Window
from tests.browser.running import ENDED, dialog, running_browser

pytestmark = pytest.mark.browser

SECOND = 1000
HOUR = 3600
API = ("/auth/session", "/auth/session/touch", "/auth/events")
FEW = 4  # requests: a peek or two, perhaps a report of activity, and a stream
TICKS = "globalThis.ticks = 0; (function tick() { ticks += 1; setTimeout(tick, 100); })()"
HEARD = "globalThis.coatcheck?.getSnapshot().user"
SHOWN = "document.querySelector('coatcheck-warning').shadowRoot.querySelector('dialog[open]')"


def is_signed_in(page):
    return page.evaluate("fetch('/auth/session').then(answer => answer.json())")["session"] is not None


def come_back(page):
    """What a browser tells a page that is looked at again."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


@contextlib.contextmanager
def few_requests(door, most=FEW):
    began = time.monotonic()
    yield
    assert door.count(*API, since=began) <= most, door.log(began)


@pytest.fixture
def signed_in(busy_demo, door, page):
    """Ada's page, by the counted door, with a clock to turn."""
    page.clock.install()
    busy_demo.sign_in(page, url=door.url)
    page.clock.run_for(2 * SECOND)
    door.wait_for("/auth/events")
    return page


@pytest.mark.parametrize("minutes", [29, 45, 13 * 60])
def test_a_laptop_that_slept_asks_before_it_says_anything(signed_in, door, minutes):
    """The page's clock has jumped past every deadline; the server's has not."""
    with few_requests(door):
        signed_in.clock.fast_forward(minutes * 60 * SECOND)
        come_back(signed_in)
        signed_in.clock.run_for(5 * SECOND)
    expect(dialog(signed_in)).to_be_hidden()
    assert is_signed_in(signed_in)


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_that_is_an_hour_wrong_changes_nothing(busy_demo, door, page, hours):
    page.clock.install(time=time.time() + hours * HOUR)
    busy_demo.sign_in(page, url=door.url)
    with few_requests(door):
        page.clock.run_for(10 * SECOND)
    expect(dialog(page)).to_be_hidden()
    assert is_signed_in(page)


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_set_right_while_the_page_is_open_changes_nothing(signed_in, door, hours):
    with few_requests(door):
        signed_in.clock.set_system_time(time.time() + hours * HOUR)
        come_back(signed_in)
        signed_in.clock.run_for(10 * SECOND)
    expect(dialog(signed_in)).to_be_hidden()
    assert is_signed_in(signed_in)


def test_offline_and_back_is_no_end(busy_demo, door, new_jar):
    jar = new_jar()
    page = jar.new_page()
    busy_demo.sign_in(page, url=door.url)
    door.wait_for("/auth/events")
    jar.set_offline(True)
    page.get_by_label("Note").press("a")
    come_back(page)
    page.wait_for_timeout(2 * SECOND)
    expect(dialog(page)).to_be_hidden()
    with few_requests(door, most=6):
        jar.set_offline(False)
        page.wait_for_timeout(3 * SECOND)
    expect(dialog(page)).to_be_hidden()
    assert is_signed_in(page)


def test_a_server_that_restarts_gets_no_storm_and_ends_nobody(busy_demo, door, page):
    busy_demo.sign_in(page, url=door.url)
    door.wait_for("/auth/events")
    with few_requests(door, most=12):
        door.shut()
        page.wait_for_timeout(3 * SECOND)
        expect(dialog(page)).to_be_hidden()
        reopened = time.monotonic()
        door.reopen()
        door.wait_for("/auth/events", since=reopened, timeout=15)
        page.wait_for_timeout(3 * SECOND)
    assert door.count("/auth/events", since=reopened) == 1, door.log(reopened)
    assert is_signed_in(page)


@pytest.fixture(scope="module")
def lifelike_browser(playwright):
    with running_browser(playwright, lifelike=True) as browser:
        yield browser


@pytest.fixture
def window(lifelike_browser):
    """A window whose hidden tabs are slowed down, as they are for people."""
    with contextlib.closing(Window(lifelike_browser)) as window:
        yield window


def open_two(window, demo):
    """Return two tabs of Ada's: the one behind, with a clock that ticks, and the one before it."""
    behind = window.open(f"{demo.url}/login?next=/dashboard")
    behind.wait_for("document.readyState === 'complete' && globalThis.password")
    behind.evaluate("email.value = 'ada@example.test'")
    behind.evaluate(f"password.value = '{demo.passwords['ada@example.test']}'")
    behind.evaluate("void document.querySelector('main form').submit()")
    behind.wait_for(HEARD)
    front = window.open(f"{demo.url}/dashboard")
    front.wait_for(HEARD)
    assert behind.evaluate("document.hidden")
    behind.evaluate(TICKS)
    return behind, front


def test_a_slowed_down_tab_in_the_background_is_right_when_looked_at(hasty_demo, window):
    behind, front = open_two(window, hasty_demo)
    began = time.monotonic()
    while time.monotonic() - began < 10:  # seconds, longer than anybody may be idle
        front.press("a")
        assert not behind.evaluate(f"!!{SHOWN}")
        front.evaluate("new Promise(done => setTimeout(done, 300))")
    assert behind.evaluate("ticks") < 20, "nothing was slowed down, so nothing is shown"
    front.evaluate("coatcheck.logout()")
    behind.bring_to_front()
    behind.wait_for(SHOWN, seconds=2)
    assert ENDED in behind.evaluate(f"{SHOWN}.textContent")


def test_a_tab_that_was_frozen_says_what_is_true_when_it_thaws(busy_demo, window):
    behind, front = open_two(window, busy_demo)
    behind.freeze()
    ticks = behind.evaluate("ticks")
    front.evaluate("coatcheck.logout()")
    front.evaluate("new Promise(done => setTimeout(done, 2000))")
    assert behind.evaluate("ticks") == ticks, "it was not frozen, so nothing is shown"
    behind.bring_to_front()
    behind.thaw()
    behind.wait_for(SHOWN, seconds=3)
    assert ENDED in behind.evaluate(f"{SHOWN}.textContent")
