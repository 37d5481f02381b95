"""Works: below each entry of the bibliography, the sections that cite it.

A chapter cites a work by a link to its entry, `bibliography.md#kingma-2015`, in a note
or in running text; which section that is, tools/weave/contents.py says.
"""

import posixpath
import xml.etree.ElementTree as etree

from tools.weave.contents import WORKS
from tools.weave.lines import put
from tools.weave.page import Step


class ShowCited(Step):
    """Say below each work where it is cited."""

    def show(self, root):
        if self.page.name != WORKS:
            return
        for works in root.iter("dl"):
            for term, said in zip([*works][::2], [*works][1::2]):
                if keys := self.page.found.cited.get(term.get("id")):
                    self.cite(said, [self.page.found.things[key] for key in keys])

    def cite(self, said, places):
        """Put links to places below what is said of a work."""
        if said.text and said.text.strip():
            whole = etree.Element("p")
            whole.text, whole[:], said.text = said.text, [*said], None
            said[:] = [whole]
        line = put(said, "p", "Cited in ", "cited", **{"data-search-exclude": ""})
        here = posixpath.dirname(self.page.name) or "."
        for place in places:
            to = posixpath.relpath(place.page, here) + place.anchor
            words = place.name if place.number else place.title
            put(line, "a", words, href=to, title=place.title).tail = ", "
        line[-1].tail = "."
