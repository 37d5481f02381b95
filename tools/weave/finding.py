"""Finding: what the site's search reads of a page, and what it passes over.

It reads a page's text. So the tag of each thing, which stands in links alone, is put
behind the thing, unseen; names in a caption are parted by blanks, as they are to the
eye; and buttons, and captions that say nothing of their own, are left out.
"""

import xml.etree.ElementTree as etree

from tools.weave.page import Step

LEFT_OUT = {"data-search-exclude": ""}


class ShowToSearch(Step):
    """Tell the search what is to be found by which words."""

    def show(self, root):
        for parent in [*root.iter()]:
            for place, thing in reversed([*enumerate(parent)]):
                if tag := thing.get("data-tag"):
                    put_behind(parent, place, tag)
        for caption in root.iter("figcaption"):
            tell(caption)


def put_behind(parent, place, tag):
    """Put a tag behind a thing, where only the search sees it."""
    thing = parent[place]
    unseen = etree.Element("span", {"class": "found-by", "hidden": ""})
    unseen.text, unseen.tail, thing.tail = f" {tag} ", thing.tail, None
    parent.insert(place + 1, unseen)


def tell(caption):
    """Part the words of a block's caption, and leave out what names no block."""
    kinds = [part.get("class") for part in caption]
    if "number" in kinds:  # of a figure
        return
    if "id" not in kinds:
        caption.attrib.update(LEFT_OUT)
    for part in caption.iter():
        if part.get("class") == "tools":
            part.attrib.update(LEFT_OUT)
        elif part.get("class") in ("id", "what", "place"):
            part.tail = part.tail or " "
