"""The fonts of the text have every letter that the book uses."""

import pytest
from fontTools import ttLib

from tools.weave import fonts

pytestmark = pytest.mark.site


@pytest.mark.parametrize("file", sorted(fonts.FONTS))
def test_a_font_has_every_letter_that_the_book_uses(file):
    font = ttLib.TTFont(fonts.FOLDER / f"{file}.woff2")
    lacking = fonts.characters() - {*map(chr, font.getBestCmap()), "\n"}
    assert not [c for c in lacking if c.isalpha() and ord(c) < 0x370], sorted(lacking)
    assert font["name"].getDebugName(1).startswith("Book ")
