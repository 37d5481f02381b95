"""Fonts: cut the book's typefaces down to the characters and weights that it uses.

    npm install @fontsource-variable/source-serif-4 @fontsource-variable/inter \\
        @fontsource-variable/jetbrains-mono dejavu-fonts-ttf katex@VERSION
    python -m mkdocs build --strict
    python -m tools.weave.fonts node_modules

writes docs/assets/fonts/*.woff2 and, for formulas, two of docs/assets/katex/fonts.
Needed when the book begins to use a character that they lack, which a test tells.
What none of the typefaces has, such as the lines of a diagram in text, comes from a
fourth, which stands behind each of them in the style sheets.
VERSION is that of tools/weave/katex. The text fonts' licences (OFL) ask for other
names, so they get them.
"""

import sys
from pathlib import Path

from tools import tangle
from tools.proof import stage
from tools.proof.about import about
from tools.proof.exits import Parser, ended
from tools.weave import contents

FOLDER = stage.BOOK / "assets/fonts"
WEIGHTS = {"wght": (400, 700)}
ALWAYS = {*map(chr, range(32, 127))} | {*"–—‘’“”…·×÷±−¶§©«»°²³àáâäçéèêëíîñóôöøúüßÄÖÜ"}
MATHS = stage.BOOK / "assets/katex/fonts"
SIGNS = {*"─│┌┐└┘├┤┬┴┼►◄▲▼←↑→↓₀₁₂₃₄₅₆₇₈₉Σ√½☐☑✓"}  # of the fourth, always
SYMBOLS = "DejaVuSansMono"  # and its name: "Book Symbols"
FEATURES = ["kern", "liga", "ccmp", "locl", "mark", "mkmk", "onum", "lnum", "tnum"]
FONTS = {  # file: its new name
    "source-serif-4-latin-wght-normal": "Book Serif",
    "source-serif-4-latin-wght-italic": "Book Serif Italic",
    "inter-latin-wght-normal": "Book Sans",
    "jetbrains-mono-latin-wght-normal": "Book Mono",
}


def characters():
    """All characters of the chapters, the figures, the program and the style sheets."""
    pages = tangle.chapter_files(stage.BOOK)[0] + contents.variant_files(stage.BOOK)
    pages += stage.BOOK.glob("figures/[!.]*.svg")
    pages += [*stage.BOOK.glob("assets/book.*"), *Path(__file__).parent.glob("*.css")]
    pages += [*stage.ROOT.glob("microgpt/*.py"), *stage.ROOT.glob("microgpt/*.c")]
    return ALWAYS.union(*(page.read_text("utf-8") for page in pages))


def has(path):
    """The characters of a font of the site."""
    from fontTools.ttLib import TTFont

    return {*map(chr, TTFont(path).getBestCmap())}


def symbols():
    """The characters that the text's typefaces do not all have."""
    texts = (has(FOLDER / f"{file}.woff2") for file in FONTS)
    return SIGNS | characters() - set.intersection(*texts) - {"\n"}


def formulas(site):
    """The characters of a built site's formulas, by the font that sets them."""
    from bs4 import BeautifulSoup, SoupStrainer

    upright, italic = set(), set()
    only = SoupStrainer(class_="katex-html")
    for page in site.glob("*.html"):
        soup = BeautifulSoup(page.read_text("utf-8"), "html.parser", parse_only=only)
        for text in soup.find_all(string=True):
            kind = text.parent.get("class", ())
            (italic if "mathnormal" in kind else upright).update(text)
    return {"KaTeX_Main-Regular": upright, "KaTeX_Math-Italic": italic}


def reduced(source, wanted, features):
    """The characters that are wanted of a font."""
    from fontTools import subset
    from fontTools.ttLib import TTFont

    font = TTFont(source)
    options = subset.Options(layout_features=features, hinting=False)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=map(ord, wanted))
    subsetter.subset(font)
    return font


def cut(source, name, wanted):
    """What is wanted of a font, in the book's weights and under another name."""
    from fontTools.varLib import instancer

    font = reduced(source, wanted, FEATURES)
    if "fvar" in font:
        font = instancer.instantiateVariableFont(font, WEIGHTS)
    names = {1: name.removesuffix(" Italic"), 3: name, 4: name}
    names |= {6: name.replace(" ", ""), 16: names[1], 25: names[1].replace(" ", "")}
    for record in font["name"].names:
        record.string = names.get(record.nameID, record.toUnicode())
    return font


def write(font, path):
    """Write a font, and say how large it is."""
    font.flavor = "woff2"
    with stage.replaced(path) as new:
        font.save(new)
    print(f"{path.relative_to(stage.ROOT)}: {path.stat().st_size:,} bytes")


def find(packages, file):
    """The path of a font in the npm packages."""
    found = [*packages.rglob(f"{file}.woff2"), *packages.rglob(f"{file}.ttf")]
    if not found:
        raise SystemExit(f"there is no {file} in {packages}: install it by npm")
    return found[0]


def main(argv=None):
    parser = Parser(description=about(__file__).splitlines()[0])
    parser.add_argument("packages", type=Path, help="the folder of the npm packages")
    packages = parser.parse_args(argv).packages
    site = stage.ROOT / "site"
    if not site.is_dir():
        parser.error("there is no site yet: python -m mkdocs build --strict")
    wanted = characters()
    for file, name in FONTS.items():
        write(cut(find(packages, file), name, wanted), FOLDER / f"{file}.woff2")
    font = cut(find(packages, SYMBOLS), "Book Symbols", symbols())
    write(font, FOLDER / "book-symbols.woff2")
    for file, letters in formulas(site).items():
        font = reduced(find(packages, file), letters, ["*"])
        write(font, MATHS / f"{file}.woff2")
    return 0


if __name__ == "__main__":
    sys.exit(ended(main))
