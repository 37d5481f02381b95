"""Single: one variant, trained with some seeds beside the book."""

import argparse
from dataclasses import fields, replace

from tools.lab import catalogue, grid, rates, results, table
from tools.lab.runs import Found, Run, check
from tools.proof.progress import Progress
from tools.proof.stage import RunError
from tools.proof.tables import NotYet, aligned

SLOW = ("explicit", "fused", "graph")


def asked(options: argparse.Namespace) -> Run:
    """Returns the run that the options ask for, at its rate."""
    names = {field.name for field in fields(Run)} & vars(options).keys()
    given = {name: getattr(options, name) for name in names}
    given = {name: value for name, value in given.items() if value is not None}
    run = check(Run(**given))
    return run if options.rate else at_its_best(run)


def at_its_best(run: Run) -> Run:
    """Returns a run at the rate that was chosen for it, if one was."""
    try:
        return rates.rated(run, table.read())
    except NotYet:
        return run


def compare(options: argparse.Namespace) -> int:
    """Trains a variant and the book with the same seeds; prints their losses."""
    if options.seeds < 1:
        raise RunError("--seeds must be 1 at least")
    run = asked(options)
    program = catalogue.program(run.variant)
    engines = [options.engine] if options.engine else []
    if options.keep and any(path.parent != catalogue.FOLDER for path in program.pages):
        raise RunError(
            "--keep is for the variants of docs/variants; move the page there"
        )
    book = run if options.rate else at_its_best(replace(run, variant=catalogue.BOOKS))
    book = replace(book, variant=catalogue.BOOKS)
    pair = [run] if run == book else [run, book]
    with Progress() as progress:
        if (engines or program.engines)[0] in SLOW:
            progress.say("note: no fast engine does this: it takes some 0.1 s a name")
        found = [losses(one, options, engines, progress) for one in pair]
    tell(pair, found)
    return 0


def losses(run, options, engines, progress) -> list[Found]:
    """Trains a run with each seed; returns what was found."""
    worker, found = grid.Worker(), []
    try:
        for seed in range(1, options.seeds + 1):
            one = replace(run, weights=seed)
            progress.tell(
                f"{catalogue.shown(one.variant)}, seed {seed} of {options.seeds}"
            )
            wanted = engines if run.variant != catalogue.BOOKS else ()
            found.append(grid.found_of(worker.ask(one, wanted)))
            if options.keep:
                table.add(one, found[-1])
    finally:
        worker.close()
    return found


def tell(pair: list[Run], found: list[list[Found]]) -> None:
    """Prints the losses side by side, their means, and how far these are apart."""
    columns = [[one.loss for one in some] for some in found]
    rows = [("seed", *(catalogue.shown(run.variant) for run in pair))]
    for number, row in enumerate(zip(*columns), 1):
        rows.append((str(number), *(f"{loss:.4f}" for loss in row)))
    rows.append(("mean", *(f"{results.middle(column):.4f}" for column in columns)))
    if len(columns[0]) > 1:
        errors = map(results.standard_error, columns)
        rows.append(("±", *(f"{error:.4f}" for error in errors)))
    rows.append(("rate", *(f"{run.rate:g}" for run in pair)))
    rows.append(("engine", *(some[0].engine for some in found)))
    print(*aligned(rows), sep="\n")
    if len(columns) == 2:
        apart = [a - b for a, b in zip(*columns)]
        error = f" ± {results.standard_error(apart):.4f}" if len(apart) > 1 else ""
        print(f"less the book's: {results.middle(apart):+.4f}{error}")
