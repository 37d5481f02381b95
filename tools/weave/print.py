"""Print: the book as a PDF, from the site as it is built.

`python -m tools.weave.print` writes site/microgpt.pdf; build the site first, with
`python -m mkdocs build --strict`, and with the same SITE_URL, if it has an address.
tools/weave/volume.py joins the pages, tools/weave/print.css says what they look like,
and WeasyPrint makes pages, outline and tags. It takes about a minute.
"""

import gc
import logging
import re
import sys
import time
from pathlib import Path

import tomllib

from tools.proof import files
from tools.proof.about import about
from tools.proof.exits import Parser, ended
from tools.tangle import ROOT

INSTALL = "install it with: pip install -e '.[site]'"
PANGO = "Debian has it: apt-get install libpango-1.0-0 libpangoft2-1.0-0 "
PANGO += "libharfbuzz-subset0"
SHEETS = (ROOT / "docs/assets/katex/katex.min.css", ROOT / "tools/weave/print.css")
WAITS = re.compile(r"<!--pdf (.*?) pdf-->", re.S)
COLOUR = re.compile(r"(--[\w-]+):\s*([^;]+);")

try:
    import pydyf
    from bs4 import BeautifulSoup  # noqa: F401, for the message
    from mkdocs.utils.yaml import yaml_load
    from weasyprint import CSS, HTML
    from weasyprint.text.fonts import FontConfiguration

    from tools.weave.articles import Fault, read_pages
    from tools.weave.volume import Volume
except ImportError as error:
    sys.exit(f"tools.weave.print: {error.name} is missing; {INSTALL}")
except OSError as error:  # WeasyPrint's, for a library of the system
    sys.exit(f"tools.weave.print: {str(error).splitlines()[0]}. {PANGO}")


class QuickPDF(pydyf.PDF):
    """A PDF that lists its pages once: pydyf 0.13 does so anew for each of its tags."""

    @property
    def page_references(self):
        if len(kept := vars(self).get("kept", ())) != self.pages["Count"]:
            kept = self.kept = super().page_references
        return kept


pydyf.PDF = QuickPDF


class Progress(logging.Handler):
    """Says on stderr how far WeasyPrint is, and keeps what it complains of."""

    def __init__(self):
        super().__init__()
        self.complaints, self.started, self.shown = [], time.perf_counter(), ""

    def emit(self, record):
        text = record.getMessage()
        if record.name == "weasyprint.progress":
            self.show(text.split(" - ", 1)[-1])
        elif record.levelno >= logging.ERROR:
            self.complaints.append(text)

    def show(self, text):
        """A new line for a new step; the number of the page only on a terminal."""
        step, _, detail = text.partition(" - ")
        seconds = time.perf_counter() - self.started
        if step != self.shown:
            self.shown = step
            print(f"{seconds:5.1f} s  {step}", file=sys.stderr, flush=True)
        elif detail and sys.stderr.isatty():
            print(f"{seconds:5.1f} s  {detail}", end="\r", file=sys.stderr, flush=True)


def read_volume(root, site):
    """The volume that mkdocs.yml and pyproject.toml of a folder describe."""
    with (root / "mkdocs.yml").open("rb") as file:
        config = yaml_load(file)
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    colours = dict(COLOUR.findall(SHEETS[-1].read_text("utf-8")))
    address = config.get("site_url") or ""
    return Volume(
        name=config["site_name"],
        description=config.get("site_description", ""),
        authors=", ".join(author["name"] for author in project["authors"]),
        version=project["version"],
        address=address.rstrip("/") + "/" if address else "",
        pages=list(read_pages(site, files_of(config["nav"]), colours)),
    )


def files_of(nav):
    """The built files of a navigation, in order: names.md is names.html."""
    if isinstance(nav, str):
        return [] if ":" in nav else [nav.removesuffix(".md") + ".html"]
    entries = nav.values() if isinstance(nav, dict) else nav
    return [file for entry in entries for file in files_of(entry)]


def write_pdf(volume, path, progress):
    """Set a volume and write it. Raises Fault if WeasyPrint finds anything wrong."""
    progress.show("Joining the pages")
    html = HTML(string=volume.html(), base_url=str(path.parent))
    fonts = FontConfiguration()
    sheets = [CSS(filename=sheet, font_config=fonts) for sheet in SHEETS]
    gc.disable()  # there is little garbage, and much else to look through for it
    try:
        with files.replaced(path) as temporary:
            html.write_pdf(
                temporary, stylesheets=sheets, font_config=fonts, pdf_variant="pdf/ua-1"
            )
            if progress.complaints:
                raise Fault("\n".join(dict.fromkeys(progress.complaints)))
    finally:
        gc.enable()


def offer(site):
    """Show the link to the PDF, which waits in a comment in the foot of every page.

    A site without the PDF so has no link to it.
    """
    for page in site.glob("*.html"):
        text = page.read_text("utf-8")
        if page.name != "404.html" and (shown := WAITS.sub(r"\1", text)) != text:
            files.write_file(page, shown)


def main(arguments=None, root=ROOT):
    """Write the PDF; returns 0, 1 if something is wrong, 130 if interrupted."""
    parser = Parser("python -m tools.weave.print", description=about(__file__))
    parser.add_argument(
        "--site",
        type=Path,
        default=root / "site",
        metavar="FOLDER",
        help="of the built site; the PDF is written there",
    )
    site = parser.parse_args(arguments).site
    progress = Progress()
    logger = logging.getLogger("weasyprint")
    logger.addHandler(progress)
    logging.getLogger("weasyprint.progress").setLevel(logging.INFO)
    path = site / "microgpt.pdf"
    try:
        progress.show("Reading the site")
        write_pdf(read_volume(root, site), path, progress)
        offer(site)
    except (Fault, OSError) as fault:
        print(f"tools.weave.print: {fault}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("tools.weave.print: interrupted; an old PDF stays", file=sys.stderr)
        return 130
    finally:
        logger.removeHandler(progress)
    size = path.stat().st_size / 1e6
    progress.show(f"{path}: {size:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(ended(main))
