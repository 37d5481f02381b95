"""What the tests of the site share: the built site, a browser, the printed book."""

import browser
import pytest
import website


@pytest.fixture(scope="session")
def site(shared):
    """The whole site, built once, by whichever process comes first."""
    return website.built(shared)


@pytest.fixture(scope="session")
def address(site):
    """Where a web server of the tests shows the site: http://127.0.0.1:40123/."""
    with browser.served(site.folder) as address:
        yield address


@pytest.fixture(scope="session")
def playwright():
    """What drives the browser."""
    with browser.driver() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def chromium(playwright):
    """The browser."""
    with browser.launched(playwright) as chromium:
        yield chromium


@pytest.fixture
def visit(chromium, address):
    """visit("values.html"): the page, opened by somebody new to the site."""
    contexts = []

    def visit(name, **settings):
        contexts.append(browser.visitor(chromium, **settings))
        page = contexts[-1].new_page()
        page.goto(address + name)
        return page

    yield visit
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def whole_pdf(site, shared):
    """The whole book as a PDF, printed once from that site."""
    return website.printed(shared)
