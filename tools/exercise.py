"""Exercise: make, check and solve the exercises at the end of the chapters.

    python -m tools.exercise                           all of them, and what is solved
    python -m tools.exercise backward                  makes answers/backward.py
    python -m tools.exercise backward paths            checks one of them
    python -m tools.exercise backward paths --hint     a hint, then another
    python -m tools.exercise backward paths --solution

An answer is checked on the program as it is at the end of its chapter. What is solved
is remembered in answers/progress.json; nothing that you wrote is ever overwritten.
"""

import argparse
import difflib
import json
import sys
from pathlib import Path

from tools.proof import answers, exercises, stage
from tools.proof.about import about
from tools.proof.exits import Parser, legible, silence

ANSWERS = Path("answers")  # in the folder in which the command is typed
PROGRESS = "progress.json"


class Progress:
    """What is solved, and how many hints were asked for, kept beside the answers."""

    def __init__(self, folder):
        self.path = folder / PROGRESS
        if self.path.exists() and not self.path.is_file():  # a pipe could hang
            raise OSError(0, "it is no file", str(self.path))
        try:
            data = json.loads(self.path.read_text("utf-8"))
            self.solved = set(map(str, data["solved"]))
            self.hints = {id: max(0, int(n)) for id, n in data["hints"].items()}
        except FileNotFoundError:
            self.solved, self.hints = set(), {}
        except (ValueError, TypeError, KeyError, AttributeError):
            print(f"{self.path} is damaged: starting anew", file=sys.stderr)
            self.solved, self.hints = set(), {}

    def keep(self):
        data = {
            "solved": sorted(self.solved),
            "hints": dict(sorted(self.hints.items())),
        }
        stage.write_file(self.path, json.dumps(data, indent=1) + "\n")


def lines_of(chapters, progress):
    """The exercises of each chapter, solved ones with a cross."""
    width = max(map(len, chapters))
    for chapter in chapters:
        marks = (
            f"[{'x' if it.id in progress.solved else ' '}] {it.name}"
            for it in exercises.of_chapter(chapter)
        )
        yield f"{chapter:{width}}  {'  '.join(marks)}"


def overview(progress):
    """Print all exercises, and how to begin."""
    chapters = exercises.chapters()
    every = [it for name in chapters for it in exercises.of_chapter(name)]
    done = sum(it.id in progress.solved for it in every)
    print(f"{done} of {len(every)} exercises are solved.\n")
    print(*lines_of(chapters, progress), sep="\n")
    todo = (it.chapter for it in every if it.id not in progress.solved)
    print(f"\nGo on with python -m tools.exercise {next(todo, chapters[0])}")


def begin(chapter, progress):
    """Make the file to fill in, or say how far its exercises are."""
    path = ANSWERS / f"{chapter}.py"
    if path.exists():
        print(*lines_of([chapter], progress), sep="\n")
    else:
        stage.write_file(path, exercises.working_copy(chapter))
        print(f"{path} holds the exercises of {chapter}: fill in, then check with")
    for it in exercises.of_chapter(chapter):
        print(
            f"  python -m tools.exercise {chapter} {it.name:16} {it.title} ({it.kind})"
        )


def hint(exercise, progress):
    """Print the first hint, and the next time the second."""
    seen = progress.hints.get(exercise.id, 0)
    number = min(seen + 1, len(exercise.hints))
    text = exercises.plain(exercise.hints[number - 1])
    print(f"Hint {number} of {len(exercise.hints)}: {text}")
    if seen >= len(exercise.hints):
        print("There is no other. --solution shows how it can be done.")
    progress.hints[exercise.id] = number
    progress.keep()


def solution(exercise):
    print(exercises.plain(exercise.solution))


def check(exercise, progress):
    """Check the answer; 0 if it is right."""
    path = ANSWERS / f"{exercise.chapter}.py"
    if not path.exists():
        command = f"python -m tools.exercise {exercise.chapter}"
        print(f"there is no {path}: {command} makes it", file=sys.stderr)
        return 2
    found = answers.check(exercise, path)
    print(answers.words(exercise, found))
    solved = found["outcome"] == "solved"
    if solved != (exercise.id in progress.solved) and found["outcome"] != "missing":
        progress.solved ^= {exercise.id}
        progress.keep()
    return 0 if solved else 1


def chosen(parser, options):
    """The exercise that is meant; None if only a chapter is named."""
    chapter, known = options.chapter or "", exercises.chapters()
    if chapter.endswith(".md"):  # the file of a chapter
        chapter = options.chapter = Path(chapter).stem
    if chapter not in known:
        parser.error(f"no exercises in {chapter!r}{nearest(chapter, known)}")
    if options.name is None:
        if options.hint or options.solution:
            parser.error("name an exercise as well: CHAPTER NAME --hint")
        return None
    found = {it.name: it for it in exercises.of_chapter(chapter)}
    if options.name not in found:
        near = nearest(options.name, found)
        parser.error(f"{chapter} has no exercise {options.name!r}{near}")
    return found[options.name]


def nearest(name, known):
    """What somebody may have meant."""
    near = difflib.get_close_matches(name, known, 1)
    return f"; do you mean {near[0]}?" if near else f"; there are {', '.join(known)}"


def run(parser, options):
    """Do what is asked for; the exit code."""
    progress = Progress(ANSWERS)
    if options.chapter is None and not (options.hint or options.solution):
        return overview(progress)
    exercise = chosen(parser, options)
    if exercise is None:
        return begin(options.chapter, progress)
    if options.hint:
        return hint(exercise, progress)
    return solution(exercise) if options.solution else check(exercise, progress)


def main(argv=None):
    """Show, make, check or solve exercises; 0, 1 for a wrong answer, 2 for misuse."""
    form = argparse.RawDescriptionHelpFormatter
    parser = Parser(
        prog="python -m tools.exercise",
        description=about(__file__),
        formatter_class=form,
    )
    parser.add_argument("chapter", nargs="?", metavar="CHAPTER")
    parser.add_argument("name", nargs="?", metavar="NAME")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--hint", action="store_true", help="a hint, then another")
    which.add_argument("--solution", action="store_true", help="show the solution")
    options = parser.parse_args(argv)
    legible()
    try:
        code = run(parser, options) or 0
        print(end="", flush=True)
        return code
    except stage.RunError as error:
        print(error, file=sys.stderr)
        return 1
    except BrokenPipeError:
        silence()
        return 1
    except OSError as error:
        if error.filename is None:
            silence()
        print(f"{error.filename or 'output'}: {error.strerror}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
