"""One browser for all tests, and a demo for each pace; every test has a jar of its own."""

import pytest
from playwright.sync_api import sync_playwright

from tests.browser.counting import counting
from tests.browser.running import running_browser, running_demo

HASTY = ("--idle", "9", "--rotate", "600", "--overlap", "0", "--tolerance", "0")
"""Nine seconds of idling, the last three of them with a warning; a report each 0.9 seconds."""


@pytest.fixture(scope="session")
def playwright():
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def browser(playwright):
    with running_browser(playwright) as browser:
        yield browser


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    with running_demo(tmp_path_factory.mktemp("demo")) as demo:
        yield demo


@pytest.fixture(scope="session")
def hasty_demo(tmp_path_factory):
    with running_demo(tmp_path_factory.mktemp("hasty"), *HASTY) as demo:
        yield demo


@pytest.fixture(scope="session")
def busy_demo(tmp_path_factory):
    """The usual lifetimes, and two workers."""
    with running_demo(tmp_path_factory.mktemp("busy"), "--workers", "2") as demo:
        yield demo


@pytest.fixture
def door(busy_demo):
    """A door before `busy_demo` at which every request is counted."""
    with counting(busy_demo) as door:
        yield door


@pytest.fixture
def new_jar(browser):
    """A browser of its own, with no cookie yet: `new_jar(color_scheme="dark")`."""
    contexts = []

    def new_jar(**options):
        contexts.append(browser.new_context(**options))
        return contexts[-1]

    yield new_jar
    for context in contexts:
        context.close()


@pytest.fixture
def open_page(new_jar):
    return lambda: new_jar().new_page()


@pytest.fixture
def page(open_page):
    return open_page()
