"""Tags: a permanent name of four characters for every thing in the book.

After the Stacks project: a tag is given once, in the order of need, and stays with its
thing wherever that moves. docs/data/tags.csv is the ledger, to which lines are only
ever added; docs/data/releases.csv says which code each release had, and
docs/data/places.csv on which page each thing stood. The pages of the tags are made in
tagpages.py.

    python -m tools.weave.tags                     give new things their tags
    python -m tools.weave.tags --check             say what is wrong, change nothing
    python -m tools.weave.tags --retire 004B "its text is now part of 0051"
    python -m tools.weave.tags --release           note this version: code and places
"""

import csv
import io
import sys
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from tools import tangle
from tools.proof import stage
from tools.proof.about import about
from tools.proof.exits import Parser
from tools.tangle import Problem
from tools.weave import contents

DIGITS = "0123456789ABCDEFGHIJKLMNPQRSTUVWXYZ"  # without O, which looks like 0
LEDGER = "data/tags.csv"
RELEASES = "data/releases.csv"
PLACES = "data/places.csv"
HEADS = {
    LEDGER: "tag,kind,id,note",
    RELEASES: "version,date,block,sha256",
    PLACES: "version,tag,page",
}


@dataclass(eq=False)
class Ledger:
    """Tags to the (kind, id) of their things and back; those retired, with the note."""

    things: dict[str, tuple[str, str]] = field(default_factory=dict)
    tags: dict[tuple[str, str], str] = field(default_factory=dict)
    retired: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def path(tag):
    """Where a tag's page lies on the site."""
    return f"t/{tag}/index.html"


def tag_of(number):
    """The tag with a number: 1 is 0001, 10 is 000A, 35 is 0010."""
    digits = ""
    for _ in range(4):
        number, digit = divmod(number, len(DIGITS))
        digits = DIGITS[digit] + digits
    return digits


def table(folder, name):
    """The text of one of the tables, "" if there is none."""
    path = Path(folder, name)
    return tangle.decode(path.read_bytes()) if path.exists() else ""


def rows(text):
    """The lines of a table: [(number, cells)], without its head."""
    return list(enumerate(csv.reader(io.StringIO(text)), 1))[1:]


def read(folder):
    """The ledger of a book; what is wrong with its lines stands in its problems."""
    return parse(f"{Path(folder).name}/{LEDGER}", table(folder, LEDGER))


@lru_cache(maxsize=2)
def parse(path, text):
    """The ledger that a file holds."""
    ledger = Ledger()
    for line, cells in rows(text):
        wrong = enter(ledger, *cells) if len(cells) == 4 else "has not four cells"
        if wrong:
            remedy = "the ledger only grows: take its older lines back from the history"
            ledger.problems.append(Problem(path, line, f"this line {wrong}", remedy))
    return ledger


def enter(ledger, tag, kind, id, note):
    """Enter a line; return what is wrong with it, if anything is."""
    if kind == "retired":
        if tag not in ledger.things or tag in ledger.retired:
            return f"retires {tag}, which is no tag in use"
        ledger.retired[tag] = note
    elif kind not in contents.KINDS:
        return f"names the kind {kind}, which is none of {', '.join(contents.KINDS)}"
    elif tag != (due := tag_of(len(ledger.things) + 1)):
        return f"has the tag {tag}, where {due} is due"
    elif (kind, id) in ledger.tags:
        return f"gives the {kind} {id} a second tag"
    else:
        ledger.things[tag] = kind, id
        ledger.tags[kind, id] = tag
    return ""


def check(folder):
    """What is wrong with the ledger, by itself and beside the book."""
    return problems(read(folder), contents.of_book(folder))


def problems(ledger, found):
    """What is wrong with a ledger beside the contents of its book."""
    mine = [*ledger.problems, *found.problems]
    return [*mine, *untagged(ledger, found), *vanished(ledger, found)]


def untagged(ledger, found):
    """The things that have no tag, or one that is used no more."""
    for key, thing in found.things.items():
        tag, name = ledger.tags.get(key), f"the {thing.kind} {thing.id}"
        if not tag:
            what, remedy = f"{name} has no tag", "run python -m tools.weave.tags"
        elif tag in ledger.retired:
            what = f"{name} has the tag {tag}, which is retired"
            remedy = "an id is never used again: choose another"
        else:
            continue
        yield contents.problem(found, thing.page, thing.line, what, remedy)


def vanished(ledger, found):
    """The tags in use whose things are not in the book."""
    for line, (tag, (kind, id)) in enumerate(ledger.things.items(), 2):
        if (kind, id) not in found.things and tag not in ledger.retired:
            what = f"the {kind} {id} is gone from the book, and people cite it as {tag}"
            remedy = "bring it back, or run python -m tools.weave.tags --retire "
            remedy += f'{tag} "WHY"'
            yield contents.problem(found, LEDGER, line, what, remedy)


# What each release had


def code_hash(block):
    """The SHA-256 of a block's code: its lines as they stand in the chapter."""
    return tangle.digest("".join(f"{line}\n" for line in block.lines).encode())


def releases(folder):
    """The code that each block had: {its id: [(version, date, hash)]}, oldest first."""
    found = {}
    for _, (version, date, id, sha256) in rows(table(folder, RELEASES)):
        found.setdefault(id, []).append((version, date, sha256))
    return found


def places(folder):
    """The pages on which each tag stood: {tag: [(version, page)]}, oldest first."""
    found = {}
    for _, (version, tag, page) in rows(table(folder, PLACES)):
        found.setdefault(tag, []).append((version, page))
    return found


def page_of(thing):
    """The name of the page on which a thing stands: "names"."""
    return thing.page.removesuffix(".md")


def last_change(history, sha256):
    """The (version, date) since which code is as it is; None if it is not released."""
    if history and history[-1][2] == sha256:
        return history[-1][:2]
    return None


# The command


def append(folder, name, lines):
    """Add lines to a table."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(lines)
    stage.append(Path(folder, name), out.getvalue(), HEADS[name] + "\n")


def assign(folder):
    """Give the things without a tag theirs, in the book's order."""
    ledger, found = read(folder), contents.of_book(folder)
    if problems := [*ledger.problems, *found.problems]:
        return problems
    new = [key for key in found.things if key not in ledger.tags]
    tags = (tag_of(len(ledger.things) + n) for n in range(1, len(new) + 1))
    append(folder, LEDGER, [(tag, *key, "") for tag, key in zip(tags, new)])
    print(f"{len(new)} new tags, {len(ledger.things) + len(new)} in all")
    return check(folder)


def retire(folder, tag, note):
    """Say of a tag that its thing is gone, and what became of it."""
    ledger, found = read(folder), contents.of_book(folder)
    kind_id = ledger.things.get(tag)
    if not kind_id or tag in ledger.retired or kind_id in found.things:
        why = "is in the book" if kind_id in found.things else "is no tag in use"
        return [
            Problem(f"{Path(folder).name}/{LEDGER}", 1, f"{tag} {why}", "see --check")
        ]
    append(folder, LEDGER, [(tag, "retired", "", note)])
    return []


def release(folder, version, date):
    """Note what changed since the release before: the code of blocks, and places."""
    past, found = releases(folder), contents.of_book(folder)
    new = []
    for block in (block for block in found.book.blocks if block.tangled):
        if not last_change(past.get(block.id), sha256 := code_hash(block)):
            new.append((version, date, block.id, sha256))
    moved = list(moves(folder, found, version))
    known = {v for told in [*past.values(), *places(folder).values()] for v, *_ in told}
    if (new or moved) and version in known:
        what = f"version {version} is released, and {len(new)} blocks changed since"
        what += f", {len(moved)} tags stand elsewhere"
        remedy = "give pyproject.toml and CITATION.cff the number of the next version"
        return [Problem("pyproject.toml", 1, what, remedy)]
    append(folder, RELEASES, new)
    append(folder, PLACES, moved)
    print(f"version {version}: {len(new)} blocks are new or have changed")
    return []


def moves(folder, found, version):
    """The lines for all tags that stand elsewhere than at the release before."""
    before = places(folder)
    for key, tag in read(folder).tags.items():
        if key in found.things:
            page = page_of(found.things[key])
            if tag not in before or before[tag][-1][1] != page:
                yield version, tag, page


def main(argv=None):
    parser = Parser(description=about(__file__).splitlines()[0])
    add = parser.add_mutually_exclusive_group().add_argument
    add("--check", action="store_true", help="say what is wrong, change nothing")
    add("--retire", nargs=2, metavar=("TAG", "NOTE"), help="its thing is gone, and why")
    add("--release", action="store_true", help="note the code of this version")
    parser.add_argument("--book", metavar="DIR", type=Path, default=stage.BOOK)
    options = parser.parse_args(argv)
    book = options.book.resolve()
    if options.check:
        return stage.finish(lambda: check(book))
    with stage.lock(book.parent / "build" / "tags"):  # from reading to writing
        return stage.finish(lambda: changed(book, options))


def changed(book, options):
    """Change a ledger, as the options of the command ask."""
    if options.retire:
        return retire(book, *options.retire)
    if options.release:
        from tools.weave import edition  # which needs PyYAML; the rest of this does not

        it = edition.read(book.parent)
        return release(book, it.version, it.date)
    return assign(book)


if __name__ == "__main__":
    sys.exit(main())
