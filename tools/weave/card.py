"""Card: at a chapter's head, what it is good for, how long it takes, what it needs.

It says what docs/data/course.json knows, and stands below the title. The search passes
it over: what is looked for is the place that explains a thing, not its announcement.
"""

import re
import xml.etree.ElementTree as etree

from tools.proof.stage import RunError
from tools.weave import course
from tools.weave.lines import put
from tools.weave.page import BuildError, Step

NAMES = re.compile(r"`([^`]+)`")


class ShowCard(Step):
    """Put the card of a chapter below its title."""

    def show(self, root):
        try:
            chapters, _ = course.read(self.page.folder)
            chapter = chapters.get(self.page.name.removesuffix(".md"))
            if self.page.in_story and chapter:
                heading = next(it for it in root if it.tag == "h1")
                root.insert([*root].index(heading) + 1, self.card(chapter))
        except RunError as error:
            raise BuildError(str(error)) from None

    def card(self, chapter):
        """The card as an element."""
        card = etree.Element("div", {"class": "card", "data-search-exclude": ""})
        put(card, "p", "You will be able to", "card-title")
        goals = put(card, "ul", None)
        for goal in chapter.goals:
            write(put(goals, "li", None), goal)
        facts = put(card, "p", None, "card-facts")
        put(facts, "span", self.time(chapter)).tail = " "
        self.before(put(facts, "span", None), chapter.needs)
        return card

    def time(self, chapter):
        """How long the chapter takes, and how long its exercises do."""
        every = course.exercises(self.page.found, chapter.name).values()
        more = sum(minutes for _, minutes in every)
        exercises = f", and {more} for the exercises" if more else ""
        return f"About {chapter.minutes} minutes{exercises}."

    def before(self, line, needs):
        """What is needed before, as links."""
        line.text = "Needs " if needs else "Needs no other chapter."
        for place, name in enumerate(needs, 1):
            title = self.page.found.chapter(f"{name}.md").title
            link = put(line, "a", title, href=f"{name}.md")
            link.tail = "." if place == len(needs) else " and "


def write(element, text):
    """Write text into an element; what stands between backquotes is code."""
    before, *rest = NAMES.split(text)
    element.text = before
    for code, after in zip(rest[::2], rest[1::2]):
        put(element, "code", code).tail = after
