"""Hotspots: where the time of a step goes.

`python -m tools.measure.hotspots` trains two programs for some steps, each in a process
of its own: the stage of the book that ends with `sampling`, which does everything as
the original does, and the finished engine `graph`. It prints a table, and writes it to
docs/data/hotspots.csv with `--write`:

    kind       name               what `value` is
    share      an activity        the share of the time that it takes
    collector  youngest, …, all   the share of the collector's runs of that kind
    kept       a number           the collector's share when so many more Values live

Shares come from looking at the program a thousand times a second, which disturbs it
less than counting every call does. The collector's time is taken by its own
callbacks; while it works, no Python runs, and so nothing is seen.
"""

import sys

from tools.measure import sitting
from tools.proof import stage
from tools.proof.about import about
from tools.proof.commands import python
from tools.proof.progress import Progress
from tools.proof.tables import Table

KEPT = (0, 250_000, 500_000, 1_000_000)
PROGRAMS = ("sampling", "complete")
# What else a program does, and what the collector does for it, depends on the program.
ROWS = [(program, "share", "the collector") for program in PROGRAMS]
ROWS += [("sampling", "kept", str(kept)) for kept in KEPT]
TABLE = Table("hotspots", ("program", "kind", "name", "value"), ROWS)

# A worker gets its task as JSON, and prints what it found.
WORKER = """
import gc, json, random, signal, sys, time
from collections import Counter
from microgpt.data import bundled_names, load_documents
from microgpt.model import GPT, Config
from microgpt.optim import Adam
from microgpt.tokenizer import Tokenizer
from microgpt.train import train
from microgpt.value import Value

task = json.loads(sys.argv[1])
rng = random.Random(42)
docs = load_documents(bundled_names())
rng.shuffle(docs)
tokenizer = Tokenizer("".join(docs))
model = GPT(Config(tokenizer.vocab_size), rng)
kept = [Value(1.0) for _ in range(task["kept"])]
steps = train(model, Adam(model.params), docs, tokenizer, 0.01, 1000)
next(steps)

seen, spent, begun = Counter(), [0.0, 0.0, 0.0], 0.0

def look(number, frame):
    code = frame.f_code
    if code is collector.__code__:  # a look that had to wait for the collector
        return
    name = code.co_filename.replace(chr(92), "/").rpartition("/")[2]
    seen[f"{name}:{code.co_name}"] += 1

def collector(phase, info):
    global begun
    if phase == "start":
        begun = time.perf_counter()
    else:
        spent[info["generation"]] += time.perf_counter() - begun

gc.callbacks.append(collector)
signal.signal(signal.SIGPROF, look)
signal.setitimer(signal.ITIMER_PROF, 0.001, 0.001)
started = time.perf_counter()
for _ in range(task["steps"]):
    next(steps)
seconds = time.perf_counter() - started
signal.setitimer(signal.ITIMER_PROF, 0)
print(json.dumps([seconds, spent, seen]))
"""

# What a function of the package, or of the library, is there for.
ACTIVITIES = {
    "value.py:__init__": "making Values",
    "value.py:topological_order": "putting them in order",
    "value.py:visit": "putting them in order",
    "value.py:backward": "the way back",
    "optim.py:step": "Adam",
}
FILES = {"value.py": "operators", "model.py": "the model"}


def activity(function: str) -> str:
    """Returns what a function, `file.py:name`, is there for."""
    file = function.partition(":")[0]
    return ACTIVITIES.get(function) or FILES.get(file, "the rest")


def watch(chapter: str, steps: int, kept: int = 0) -> tuple[float, list, dict]:
    """Returns the seconds, the collector's seconds by generation, what was seen."""
    task = {"steps": steps, "kept": kept}
    return tuple(python(WORKER, stage.stage(chapter), task))


def collected(steps: int, kept: int) -> float:
    """Returns the collector's share when so many more Values live."""
    seconds, spent, _ = watch("sampling", steps, kept)
    return sum(spent) / seconds


def rows_of(chapter: str, steps: int) -> list[tuple[str, str, str, float]]:
    """Returns the shares of a program's activities, and of the collector's runs."""
    seconds, spent, seen = watch(chapter, steps)
    collector = sum(spent) / seconds
    shares: dict[str, float] = {}
    for function, times in seen.items():
        name, share = activity(function), times / sum(seen.values())
        shares[name] = shares.get(name, 0) + share * (1 - collector)
    rows = [(chapter, "share", "the collector", collector)]
    rows += [(chapter, "share", *pair) for pair in shares.items()]
    rows.sort(key=lambda row: -row[3])
    if collector:
        kinds = zip(("youngest", "young", "all"), spent)
        rows += [(chapter, "collector", k, s / sum(spent)) for k, s in kinds]
    return rows


def main() -> None:
    """Measures, prints the table, and writes it if asked to."""
    parser = sitting.parser(about(__file__), TABLE)
    parser.add_argument("--steps", type=sitting.positive, default=100)
    options = parser.parse_args()
    rows = []
    with Progress() as progress:
        for program in PROGRAMS:
            progress.tell(f"looking at {program}")
            rows += rows_of(program, options.steps)
        for kept in KEPT:
            progress.tell(f"with {kept:,} more Values")
            share = collected(-(-options.steps // 4), kept)
            rows.append(("sampling", "kept", str(kept), share))
    rows = [(*row[:3], f"{row[3]:.3f}") for row in rows]
    sitting.keep(TABLE, rows, options.write)


if __name__ == "__main__":
    sys.exit(sitting.ended(main))
