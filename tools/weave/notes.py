"""Notes: footnotes, moved beside the text that refers to them."""

from tools.weave.lines import put
from tools.weave.page import Step


class ShowNotes(Step):
    """Move every footnote beside the text that refers to it."""

    def show(self, root):
        parents = {child: parent for parent in root.iter() for child in parent}
        lists = [e for e in root if e.get("class") == "footnote"]
        notes = {li.get("id"): li for each in lists for li in each.iter("li")}
        for sup in [e for e in root.iter("sup") if e.get("id", "").startswith("fnref")]:
            note = notes[sup[0].get("href")[1:]]
            self.note(sup, sup[0].text, note)
        for each in lists:
            parents[each].remove(each)

    def note(self, sup, number, note):
        id, tail = f"note-{number}", sup.tail
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
