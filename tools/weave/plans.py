"""Plans: what to teach in which time, held against the course and against each other.

One lecture is a part of four, and four are a part of the term; nobody is taught what
needs a chapter that has not been there; and all minutes are sums of the sections'.
"""

import re

from tools.weave.course import all_needs, exercises

LECTURE = 90  # minutes
FULL = 60  # of them at least are filled; the rest is for questions
WEEKS, LEAST, MOST = 12, 100, 300  # minutes of a week of the term
PLACE = re.compile(r"(<!--course (\w+)-->\n).*?(<!--/course-->)", re.S)

OPENED = '\n<details class="aside" markdown="1" data-search-exclude="">\n'


def minutes_of(chapters, place):
    """The minutes of a section, told as chapter#id."""
    name, _, id = place.partition("#")
    return chapters[name].sections[id].minutes


def all_minutes(chapters, places):
    """The minutes of some sections together."""
    return sum(minutes_of(chapters, place) for place in places)


def week_minutes(found, chapters, week):
    """Of a week, the minutes of its chapters, and those of its exercises."""
    reading = sum(chapters[name].minutes for name in week["chapters"])
    return reading, sum(exercise(found, id)[1] for id in week["exercises"])


def exercise(found, id):
    """The title of an exercise, its minutes and its page."""
    page = found.things["exercise", id].page
    return *exercises(found, page.removesuffix(".md"))[id], page


# What is wrong


def problems(found, chapters, wanted, order):
    """What is wrong with the plans: (what, remedy)."""
    if not wanted:
        return
    told = [f"the plans have no {what}" for what in lacking(wanted)] or [
        f"the plans name {place}, which is not there"
        for place in unknown(found, chapters, wanted)
    ]
    told = told or [*lectures(chapters, wanted, order), *term(found, chapters, wanted)]
    yield from ((what, "mend the plan") for what in told)


def lacking(wanted):
    """What each plan has to have, and these have not."""
    yield from (what for what in ("lecture", "four", "term") if what not in wanted)
    for number, week in enumerate(wanted.get("term", ()), 1):
        for what in ("chapters", "exercises"):
            if what not in week:
                yield f"{what} in week {number}"


def of_four(wanted):
    """The sections of all four lectures."""
    return [place for places in wanted["four"].values() for place in places]


def unknown(found, chapters, wanted):
    """What the plans name and the book does not have."""
    for place in [*wanted["lecture"], *of_four(wanted)]:
        name, _, id = place.partition("#")
        if name not in chapters or id not in chapters[name].sections:
            yield place
    for week in wanted["term"]:
        yield from (name for name in week["chapters"] if name not in chapters)
        ids = week["exercises"]
        yield from (id for id in ids if ("exercise", id) not in found.things)


def lectures(chapters, wanted, order):
    """What is wrong with the one lecture, and with the four."""
    every = of_four(wanted)
    for title, places in {"the lecture": wanted["lecture"], **wanted["four"]}.items():
        minutes = all_minutes(chapters, places)
        if not FULL <= minutes <= LECTURE:
            yield f"{title} takes {minutes} minutes, not {FULL} to {LECTURE}"
    for title, places in {"one lecture": wanted["lecture"], "four": every}.items():
        at = [position(chapters, order, place) for place in places]
        if at != sorted(set(at)):
            yield f"the sections of {title} are not in the order of the book"
    if missing := [it for it in wanted["lecture"] if it not in every]:
        yield f"the one lecture has {missing[0]}, and the four have not"
    taught = {name for week in wanted["term"] for name in week["chapters"]}
    if missing := [it for it in every if it.partition("#")[0] not in taught]:
        yield f"the four lectures have {missing[0]}, and the term has not"


def position(chapters, order, place):
    """Where a section stands in the book."""
    name, _, id = place.partition("#")
    return order.index(name), [*chapters[name].sections].index(id)


def term(found, chapters, wanted):
    """What is wrong with the weeks of the term."""
    if len(wanted["term"]) != WEEKS:
        yield f"the term has {len(wanted['term'])} weeks, not {WEEKS}"
    taught = set()
    for number, week in enumerate(wanted["term"], 1):
        for name in week["chapters"]:
            if early := all_needs(chapters, name) - taught:
                yield f"in week {number} {name} needs {min(early)}, not taught yet"
            taught.add(name)
        pages = {f"{name}.md" for name in taught}
        if early := [
            id for id in week["exercises"] if exercise(found, id)[2] not in pages
        ]:
            yield f"in week {number} {early[0]} is of a chapter not taught yet"
        minutes = sum(week_minutes(found, chapters, week))
        if not LEAST <= minutes <= MOST:
            yield f"week {number} takes {minutes} minutes, not {LEAST} to {MOST}"


# The tables of the page


def tables(found, chapters, wanted, parts):
    """The tables of the page on teaching, by the words of their marks."""
    made = {
        "goals": goals(found, chapters, parts),
        "wrong": mistakes(found, chapters, parts),
    }
    if wanted:
        made["lecture"] = sections(found, chapters, wanted["lecture"])
        made["four"] = four(found, chapters, wanted)
        made["term"] = weeks(found, chapters, wanted)
    return made


def marks(text):
    """The words of the marks on the page, of those that are closed."""
    return [place[2] for place in PLACE.finditer(text)]


def filled(text, made):
    """The page with its tables in their places."""
    return PLACE.sub(lambda it: f"{it[1]}{made[it[2]]}\n{it[3]}", text)


def table(heads, rows, right):
    """A table in Markdown; right: how many of the last columns hold numbers."""
    left = len(heads) - right
    lines = [heads, ["---"] * left + ["---:"] * right, *rows]
    return "".join(f"| {' | '.join(map(str, line))} |\n" for line in lines)


def title_of(found, name):
    return found.chapter(f"{name}.md").title


def link(found, place):
    """A link to a section, told as chapter#id."""
    name, _, id = place.partition("#")
    thing = found.things["section", id]
    return f"[{escaped(thing.title)}]({name}.md#{id})"


def escaped(title):
    """A title as Markdown, in a table."""
    return re.sub(r"([|_*<])", r"\\\1", title)


def goals(found, chapters, parts):
    """A fold for each chapter, with a table of its sections."""
    return "\n".join(
        f"\n**{title}**\n" + "\n".join(fold(found, chapters[it]) for it in names)
        for title, names in parts
    )


def fold(found, chapter):
    """A chapter's goals and minutes, section by section."""
    name, title = chapter.name, title_of(found, chapter.name)
    rows = [
        (link(found, f"{name}#{it.id}"), it.goal or "–", it.minutes)
        for it in chapter.sections.values()
    ]
    extra = sum(minutes for _, minutes in exercises(found, name).values())
    rows.append(("all of it", f"the exercises take {extra} more", chapter.minutes))
    return (
        f"{OPENED}<summary>{title} ({chapter.minutes} minutes)</summary>\n\n"
        f"{table(('section', 'you can then', 'minutes'), rows, 1)}\n</details>\n"
    )


def mistakes(found, chapters, parts):
    """What students get wrong: a fold for each part, with the mistake and the truth."""
    lines = []
    for part, names in parts:
        lines.append(f"{OPENED}<summary>{part}</summary>\n")
        for name in names:
            wrong = chapters[name].wrong
            said = "\n\n    ".join(f"*{claim}* {truth}" for claim, truth in wrong)
            lines.append(f"[{title_of(found, name)}]({name}.md)\n:   {said}\n")
        lines.append("</details>\n")
    return "\n".join(lines)


def sections(found, chapters, places):
    """A table of sections, with their minutes and the sum of these."""
    rows = [row(found, chapters, place) for place in places]
    rows.append(("together", "", all_minutes(chapters, places)))
    return "\n" + table(("section", "chapter", "minutes"), rows, 1)


def row(found, chapters, place):
    name = place.partition("#")[0]
    return link(found, place), title_of(found, name), minutes_of(chapters, place)


def four(found, chapters, wanted):
    """A table for each of the four lectures, below its title."""
    return "\n".join(
        f"\n**{number}. {title}**\n{sections(found, chapters, places)}"
        for number, (title, places) in enumerate(wanted["four"].items(), 1)
    )


def weeks(found, chapters, wanted):
    """A table of the weeks of the term."""
    rows = []
    for number, week in enumerate(wanted["term"], 1):
        there = week_minutes(found, chapters, week)
        read = ", ".join(f"[{title_of(found, n)}]({n}.md)" for n in week["chapters"])
        work = ", ".join(exercise_link(found, id) for id in week["exercises"])
        rows.append((number, read, there[0], work, there[1], sum(there)))
    sums = [sum(row[at] for row in rows) for at in (2, 4, 5)]
    rows.append(("all", "", f"{sums[0]:,}", "", f"{sums[1]:,}", f"{sums[2]:,}"))
    heads = ("week", "chapters", "minutes", "to hand in", "minutes", "together")
    lines = table(heads, rows, 1).split("\n")
    lines[1] = "|---:|---|---:|---|---:|---:|"
    return "\n" + "\n".join(lines)


def exercise_link(found, id):
    """A link to an exercise, by its title without the kind."""
    title, _, page = exercise(found, id)
    name = title.removeprefix("Exercise: ").rpartition(" (")[0]
    return f"[{escaped(name)}]({page}#{id})"
