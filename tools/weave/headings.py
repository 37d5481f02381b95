"""Headings: with their numbers, the links that they are cited by, and how far it is."""

import re
import xml.etree.ElementTree as etree

from tools.weave.lines import put
from tools.weave.page import Step


class ShowNumbers(Step):
    """Put their numbers before the headings."""

    def show(self, root):
        things = {thing.id: thing for thing in self.page.things().values()}
        for heading in root.iter():
            if heading.tag == "h1" and "id" not in heading.attrib:
                heading.set("id", "top")
                thing = self.page.found.chapter(self.page.name)
            elif re.fullmatch("h[2-6]", str(heading.tag)):
                thing = things.get(heading.get("id"))
            else:
                continue
            if thing and thing.number:
                number = etree.Element("span", {"class": "number"})
                number.text, number.tail = thing.number, f" {heading.text or ''}"
                heading.text = None
                heading.insert(0, number)
            if thing and (tag := self.page.tag(thing)):
                heading.set("data-tag", tag)


class ShowHandles(Step):
    """Put the links to itself and to its tag behind each heading that has a tag."""

    def show(self, root):
        things = {thing.id: key for key, thing in self.page.things().items()}
        top = self.page.found.chapter(self.page.name)
        things["top"] = top.kind, top.id
        for heading in [e for e in root.iter() if "data-tag" in e.attrib]:
            if re.fullmatch("h[1-6]", heading.tag):
                self.handles(heading, things[heading.get("id")])

    def handles(self, heading, key):
        """Gather the links of a heading."""
        handles = etree.SubElement(heading, "span", {"class": "handles"})
        for link in [e for e in heading if e.get("class") == "headerlink"]:
            heading.remove(link)
            handles.append(link)
        name = f"Cite {self.page.found.things[key].name}"
        address = self.page.cite_address(key)
        put(handles, "a", None, "cite", href=address, **{"aria-label": name})


class ShowQuestions(Step):
    """Put the link to its tag below the answer of each question that has a tag."""

    def show(self, root):
        for details in root.iter("details"):
            key = "question", details.get("id")
            if address := self.page.cite_address(key):
                details.set("data-tag", self.page.ledger.tags[key])
                line = put(details, "p", None, "handle", **{"data-search-exclude": ""})
                name = f"Cite {self.page.found.things[key].name}"
                put(line, "a", None, "cite", href=address, **{"aria-label": name})


class ShowProgress(Step):
    """Say below the title of a chapter which of how many it is."""

    def show(self, root):
        if not self.page.in_story:
            return
        numbers = [n for n in self.page.found.numbers.values() if n.isdecimal()]
        number, last = int(self.page.number), max(map(int, numbers))
        line = etree.Element("p", {"class": "progress", "data-search-exclude": ""})
        line.text = f"Chapter {number} of {last}"
        box = {"viewBox": f"0 0 {last} 1", "preserveAspectRatio": "none"}
        bar = put(line, "svg", None, "bar", **box, **{"aria-hidden": "true"})
        put(bar, "rect", None, width=str(last), height="1")
        put(bar, "rect", None, "read", width=str(number), height="1")
        root.insert([e.tag for e in root].index("h1") + 1, line)
