"""Notes: footnotes, moved beside the text, each time that it refers to them."""

from collections import Counter
from copy import deepcopy

from tools.weave.lines import put
from tools.weave.page import Step


class ShowNotes(Step):
    """Move every footnote beside the text that refers to it."""

    def show(self, root):
        parents = {child: parent for parent in root.iter() for child in parent}
        lists = [e for e in root if e.get("class") == "footnote"]
        notes = {li.get("id"): li for each in lists for li in each.iter("li")}
        times = Counter()
        for sup in [e for e in root.iter("sup") if e.get("id", "").startswith("fnref")]:
            number, note = sup[0].text, notes[sup[0].get("href")[1:]]
            times[number] += 1
            again = f"-{times[number]}" if times[number] > 1 else ""
            self.note(sup, number, f"note-{number}{again}", deepcopy(note))
        for each in lists:
            parents[each].remove(each)

    def note(self, sup, number, id, note):
        tail = sup.tail
        sup.clear()
        sup.tag, sup.tail = "span", tail
        sup.set("class", "note")
        attributes = {"type": "checkbox", "id": id, "aria-label": f"Note {number}"}
        put(sup, "input", None, "", **attributes)
        put(sup, "label", number, "", **{"for": id})
        side = put(sup, "small", None, "sidenote")
        put(side, "span", number, "number").tail = " "
        for paragraph in note.iter("p"):
            for back in [e for e in paragraph if "backref" in e.get("class", "")]:
                paragraph.remove(back)
            side[-1].tail += paragraph.text or ""
            side.extend(paragraph)
