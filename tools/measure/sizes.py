"""Sizes: which engine is the fastest for larger models, and how much memory it takes.

`python -m tools.measure.sizes` trains models of three sizes with each engine that works
with arrays, in turn, as `tools.measure.bench` does: on one core with one document a
step, and on two cores with a batch of four. The larger two learn from
docs/data/prose.txt. An engine's speed is told against numpy's on one core. With
`--write` the table goes to docs/data/sizes.csv.
"""

import argparse
import csv
import statistics

from tools.measure import bench
from tools.measure.bench import F32, Program
from tools.proof.stage import BOOK

TABLE = BOOK / "data" / "sizes.csv"
PROSE = str(BOOK / "data" / "prose.txt")
COLUMNS = ("model", *bench.COLUMNS[:-1], "MiB", "rounds")

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


def main() -> None:
    """Measures, prints the table, and writes it if asked to."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--write", action="store_true", help=f"write {TABLE.name}")
    options = parser.parse_args()
    rows = [COLUMNS]
    for model in MODELS:
        found = bench.rounds(programs(model), options.rounds)
        for row, figures in zip(bench.table(found)[1:], found.values()):
            memory = f"{statistics.median(figures.memory):.0f}"
            rows.append((model, *row[:-1], memory, row[-1]))
    for row in rows:
        print("{:6}{:20}{:>10}{:>10}{:>10}{:>12}{:>12}{:>8}{:>8}".format(*row))
    if options.write:
        with open(TABLE, "w", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerows(rows)


if __name__ == "__main__":
    main()
