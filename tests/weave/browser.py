"""What the tests of the website in a real browser need: Chromium, npm, a web server."""

import gzip
import io
import threading
from contextlib import contextmanager
from functools import cache, partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests import needs

ROOT = Path(__file__).resolve().parents[2]

DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
CLIPBOARD = ["clipboard-read", "clipboard-write"]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
]


PAGES = sorted(f"{path.stem}.html" for path in ROOT.glob("docs/*.md"))

# What of all pages matches a selector, on one page, in what is around it; so a browser
# sets it once for each width, and not each page five times.
GATHER = """async ([names, selector]) => {
  const article = document.querySelector("article"), parser = new DOMParser();
  article.replaceChildren();
  for (const name of names) {
    const text = await (await fetch(name)).text();
    const page = parser.parseFromString(text, "text/html");
    for (const it of page.querySelectorAll(selector)) {
      const twin = document.importNode(it, true);
      twin.dataset.page = name;
      article.append(twin);
    }
  }
  await document.fonts.ready;
  return article.children.length;
}"""


@contextmanager
def driver():
    """Playwright, which can run once in a process."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        yield playwright


@contextmanager
def launched(playwright, *flags: str):
    """Chromium, driven by Playwright."""
    options = {"executable_path": needs.chromium(), "args": [*FLAGS, *flags]}
    browser = playwright.chromium.launch(**options)
    yield browser
    browser.close()


def visitor(browser, **settings):
    """A reader who was never here: no cache, no storage; may use the clipboard."""
    calm = {"reduced_motion": "reduce", "permissions": CLIPBOARD}
    context = browser.new_context(**{"viewport": DESKTOP, **calm, **settings})
    context.set_default_timeout(15_000)
    return context


@contextmanager
def gathered(browser, address, selector, least):
    """A page that holds what matches a selector on all pages, at least so many."""
    page = browser.new_page()
    page.goto(address + "names.html")
    assert page.evaluate(GATHER, [PAGES, selector]) > least
    yield page
    page.close()


def paint(page, scheme: str) -> None:
    """Show a page by day, "light", or by night, "dark"."""
    page.emulate_media(color_scheme=scheme)
    name = {"light": "default", "dark": "slate"}[scheme]
    switch = f"document.querySelector('input[data-md-color-scheme={name}]')?.click()"
    page.evaluate(switch)


def axe(page, *rules: str) -> list[str]:
    """What axe-core finds wrong, by all its rules or by those named."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(package("axe-core/axe.min.js").read_text("utf-8"))
    options = {"resultTypes": ["violations"]}
    if rules:
        options["runOnly"] = rules
    else:  # this one is off unless asked for; Lighthouse asks
        options["rules"] = {"target-size": {"enabled": True}}
    return page.evaluate(
        """async options => (await axe.run(options)).violations.flatMap(
          rule => rule.nodes.slice(0, 5).map(
            node => `${rule.id}: ${node.target.join(" ")}: ${node.html.slice(0, 99)}`
          )
        )""",
        options,
    )


def package(path: str) -> Path:
    """A file of an npm package, "axe-core/axe.min.js", that .ci/run has installed."""
    return needs.NPM / path


@cache
def compressed(path: str, changed: float) -> bytes:
    """A file, gzipped; changed, the time of its change, keeps the memory fresh."""
    return gzip.compress(Path(path).read_bytes(), mtime=0)


class Handler(SimpleHTTPRequestHandler):
    """A static host such as the book will have: keep-alive, gzip, caching."""

    protocol_version = "HTTP/1.1"
    policy = ""  # a Content-Security-Policy
    compressible = (".css", ".html", ".js", ".json", ".svg", ".xml")

    def log_message(self, *args) -> None:
        """Say nothing."""

    def send_head(self):
        path = Path(self.translate_path(self.path))
        if path.suffix not in self.compressible or not path.is_file():
            return super().send_head()
        body = compressed(str(path), path.stat().st_mtime)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        return io.BytesIO(body)

    def end_headers(self) -> None:
        lasting = "/assets/" in self.path
        age = "max-age=31536000, immutable" if lasting else "max-age=600"
        self.send_header("Cache-Control", age)
        if self.policy:
            self.send_header("Content-Security-Policy", self.policy)
        super().end_headers()


@contextmanager
def served(folder: Path, policy: str = ""):
    """A web server for a folder, on a free port; gives its address, with a slash."""
    kind = type("Handler", (Handler,), {"policy": policy})
    handler = partial(kind, directory=str(folder))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
