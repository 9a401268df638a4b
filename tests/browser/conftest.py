"""One browser and one demo for all tests; every test has a jar of its own."""

import pytest

from tests.browser.running import running_browser, running_demo


@pytest.fixture(scope="session")
def browser():
    with running_browser() as browser:
        yield browser


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    with running_demo(tmp_path_factory.mktemp("demo")) as demo:
        yield demo


@pytest.fixture
def open_page(browser):
    contexts = []

    def open_in_new_jar():
        contexts.append(browser.new_context())
        return contexts[-1].new_page()

    yield open_in_new_jar
    for context in contexts:
        context.close()


@pytest.fixture
def page(open_page):
    return open_page()
