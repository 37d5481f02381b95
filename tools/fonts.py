"""Fonts: cut the book's typefaces down to the characters and weights that it uses.

    npm install @fontsource-variable/source-serif-4 @fontsource-variable/inter \\
        @fontsource-variable/jetbrains-mono
    python -m tools.fonts node_modules/@fontsource-variable

writes docs/assets/fonts/*.woff2. Needed when the book begins to use a character that
they lack, which a test tells. The licences (OFL) ask for other names, so they get them.
"""

import argparse
import sys
from pathlib import Path

from tools import stage

FOLDER = stage.BOOK / "assets/fonts"
WEIGHTS = {"wght": (400, 700)}
ALWAYS = {*map(chr, range(32, 127))} | {*"–—‘’“”…·×÷±−¶§©«»°²³àáâäçéèêëíîñóôöøúüßÄÖÜ"}
FEATURES = ["kern", "liga", "ccmp", "locl", "mark", "mkmk", "onum", "lnum", "tnum"]
FONTS = {  # file: its new name
    "source-serif-4-latin-wght-normal": "Book Serif",
    "source-serif-4-latin-wght-italic": "Book Serif Italic",
    "inter-latin-wght-normal": "Book Sans",
    "jetbrains-mono-latin-wght-normal": "Book Mono",
}


def characters():
    """All characters of the chapters and the figures."""
    pages = [*stage.BOOK.glob("*.md"), *stage.BOOK.glob("figures/*.svg")]
    return ALWAYS.union(*(page.read_text("utf-8") for page in pages))


def cut(source, target, name, wanted):
    """Write what is wanted of a font, under another name."""
    from fontTools import subset
    from fontTools.ttLib import TTFont
    from fontTools.varLib import instancer

    font = TTFont(source)
    options = subset.Options(layout_features=FEATURES, hinting=False)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=map(ord, wanted))
    subsetter.subset(font)
    font = instancer.instantiateVariableFont(font, WEIGHTS)
    names = {1: name.removesuffix(" Italic"), 3: name, 4: name}
    names |= {6: name.replace(" ", ""), 16: names[1], 25: names[1].replace(" ", "")}
    for record in font["name"].names:
        record.string = names.get(record.nameID, record.toUnicode())
    font.flavor = "woff2"
    font.save(target)


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("packages", type=Path, help="the folder of the npm packages")
    packages = parser.parse_args(argv).packages
    wanted = characters()
    for file, name in FONTS.items():
        found = [*packages.rglob(f"{file}.woff2")]
        if not found:
            parser.error(f"there is no {file}.woff2 in {packages}: install it by npm")
        target = FOLDER / f"{file}.woff2"
        cut(found[0], target, name, wanted)
        print(f"{target.relative_to(stage.ROOT)}: {target.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
