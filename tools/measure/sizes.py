"""Sizes: which engine is the fastest for larger models, and how much memory it takes.

`python -m tools.measure.sizes` trains models of three sizes with each engine that works
with arrays, in turn, as `tools.measure.bench` does: on one core with one document a
step, and on two cores with a batch of four. The larger two learn from
docs/data/prose.txt. An engine's speed is told against numpy's on one core. With
`--write` the table goes to docs/data/sizes.csv.
"""

import statistics
import sys

from tools.measure import bench, sitting
from tools.measure.bench import F32, Program
from tools.proof.about import about
from tools.proof.progress import Progress
from tools.proof.stage import BOOK
from tools.proof.tables import Table

PROSE = str(BOOK / "data" / "prose.txt")

# name: (sizes, data, documents, seconds to time)
MODELS = {
    "16": ({}, "", 20, 0.2),
    "64": (
        {"n_embd": 64, "n_layer": 4, "n_head": 4, "block_size": 256}, PROSE, 4, 0.2
    ),
    "256": (
        {"n_embd": 256, "n_layer": 6, "n_head": 8, "block_size": 256}, PROSE, 1, 0
    ),
}  # fmt: skip
RUNGS = {
    "numpy": ("numpy", {}),
    "c": ("c", {}),
    "c-f32": ("c", F32),
    "torch": ("torch", {}),
    "torch-f32": ("torch", F32),
}


def programs(model: str) -> list[Program]:
    """Returns what is to be timed with a model; the first one is the measure."""
    sizes, data, docs, seconds = MODELS[model]
    found = []
    for cores, batch in ((1, 1), (2, 4)):
        for name, (engine, settings) in RUNGS.items():
            if engine == "c":
                settings = settings | {"threads": cores}
            found.append(
                Program(
                    name if cores == 1 else f"{name}-two-cores", engine=engine,
                    settings=settings, sizes=sizes, data=data, docs=docs, batch=batch,
                    parts=1, checked=2, tries=2, rate=1e-4, warm=0, cores=cores,
                    seconds=seconds,
                    tolerance=1e-3 if "f32" in name else 1e-9,
                )
            )  # fmt: skip
    return found


COLUMNS = ("model", *bench.COLUMNS[:-1], "MiB", "rounds")
ROWS = [(model, program.name) for model in MODELS for program in programs(model)]
TABLE = Table("sizes", COLUMNS, ROWS)


def rows_of(model: str, found: dict[str, bench.Figures]) -> list[tuple[str, ...]]:
    """Returns a model's rows of the table."""
    memory = [f"{statistics.median(figures.memory):.0f}" for figures in found.values()]
    rows = bench.rows_of(found)
    return [(model, *row[:-1], size, row[-1]) for row, size in zip(rows, memory)]


def main() -> None:
    """Measures, prints the table, and writes it if asked to."""
    parser = sitting.parser(about(__file__), TABLE, rounds=3)
    parser.add_argument("--only", nargs="+", choices=MODELS, help="[all models]")
    options = parser.parse_args()
    models = options.only or list(MODELS)
    if options.write:
        TABLE.demand(row for row in ROWS if row[0] in models)
    rows = []
    with Progress() as progress:
        for model in models:
            progress.tell(f"{model} wide")
            found = bench.rounds(programs(model), options.rounds, progress)
            rows += rows_of(model, found)
    sitting.keep(TABLE, rows, options.write)


if __name__ == "__main__":
    sys.exit(sitting.ended(main))
