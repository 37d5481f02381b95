"""What the tests of the site share: the built site, a browser, the printed book."""

import browser
import pytest
import website

from tools.proof import stage
from tools.tangle import ROOT


@pytest.fixture(scope="session")
def site(tmp_path_factory, worker_id):
    """The whole site, built once, by whichever process of the tests comes first."""
    shared = tmp_path_factory.getbasetemp()
    if worker_id != "master":  # one of several processes, each with its own folder
        shared = shared.parent
    log = shared / "site.log"
    with stage.lock(log):
        if not log.exists():
            run = website.build(shared / "site", ROOT / "mkdocs.yml")
            assert run.returncode == 0, run.stdout + run.stderr
            log.write_text(run.stderr, "utf-8")
    return website.Site(shared / "site", log.read_text("utf-8"))


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
def whole_pdf(site):
    """The whole book as a PDF, printed once from that site, in a minute or two."""
    path = site.folder / "microgpt.pdf"
    with stage.lock(path):
        if not path.exists():
            run = website.python("tools.weave.print", "--site", site.folder)
            assert run.returncode == 0, run.stderr
    return path
