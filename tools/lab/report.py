"""Report: the rows of the table, one line for each kind of run."""

from dataclasses import fields

from tools.lab import questions, results, table
from tools.lab.runs import Run, shown
from tools.proof.tables import NotYet, aligned

SEEDS = ("weights", "order", "held")


def kinds(name: str) -> dict[Run, list[Run]]:
    """Returns the kinds of runs that a question asks about, with their runs."""
    there, found = table.read(), {}
    wanted, _ = questions.runs([name], there)
    for run in wanted:
        if run in there and run.held != "choose":
            found.setdefault(run.setting, []).append(run)
    return found


def lines(name: str) -> list[str]:
    """Returns the table of a question: means, their errors, and differences."""
    found, there = kinds(name), table.read()
    columns = [
        field.name
        for field in fields(Run)
        if field.name not in ("weights", "order")
        and len({getattr(run, field.name) for run in found}) > 1
    ]
    rows = [(*columns, "runs", "loss", "±", "less the book", "±")]
    for kind, runs in found.items():
        losses = [there[run].loss for run in runs]
        apart = less_the_book(kind, runs, there)
        rows.append((
            *(shown(getattr(kind, name)) for name in columns),
            str(len(runs)), *told(losses), *told(apart),
        ))  # fmt: skip
    return aligned(rows)


def less_the_book(kind, runs, there) -> list[float]:
    """Returns the losses less the book's after as many names, by the same seeds."""
    names = kind.steps * kind.batch
    for steps in (kind.steps, round(names / questions.EPOCH) * questions.EPOCH):
        try:
            where = {"steps": steps, "held": as_much(kind), "text": kind.text}
            book = results.alike("book", where)
        except (NotYet, LookupError):
            continue
        pairs = [(there[run].loss, (run.weights, run.order)) for run in runs]
        return [loss - book[seeds] for loss, seeds in pairs if seeds in book]
    return []


def as_much(kind: Run) -> str:
    """Returns what the book is to be asked, to be compared with a kind of run.

    What a short context does not see is not asked of the book either.
    """
    short = kind.held == "report" and kind.context < Run.context
    return f"report-{kind.context}" if short else kind.held


def told(numbers: list[float]) -> tuple[str, str]:
    """Returns the mean of numbers and its standard error, as cells."""
    if not numbers:
        return "", ""
    if len(numbers) < 2:
        return f"{numbers[0]:.4f}", ""
    return (
        f"{results.middle(numbers):.4f}",
        f"{results.standard_error(numbers):.4f}",
    )


def show(names: list[str]) -> int:
    """Prints the tables of questions."""
    for name in names:
        print(f"{name}: {questions.QUESTIONS[name].title}\n")
        print(*lines(name), sep="\n", end="\n\n")
    return 0
