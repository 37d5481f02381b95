"""Adams: how long a step in C takes if Adam's root, or its moment, were another.

`python -m tools.measure.adams` compiles changed copies of kernel.c, which take turns
with the kernel as it is, on the same names, one document a step. In two of them the
root is found by Newton's iterations; in two, Adam does not wait for the whole gradient:
it follows on that of each matrix, or on each tile of it, still in the registers. A copy
that does not learn the same is not timed, but for one that has no Adam and shows how
much there is to be gained. `--write` writes docs/data/adams.csv.
"""

import os
import random
import sys
from array import array
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from microgpt import Config, State, Tokenizer, bundled_names, load_documents
from microgpt.native import Native
from tools.measure import sitting, turns
from tools.proof.about import about
from tools.proof.pages import RunError
from tools.proof.progress import Progress
from tools.proof.tables import Table

WIDTHS = (16, 64)  # the book's, and one that the nearest caches do not hold
DOCS, PIECE = 256, 4
Change = dict[str, str]  # what is found once in the text: what takes its place

# The reciprocal of a root: half the bits of a number are half its exponent.
NEWTON = """static inline real inverse_root(real x)
{
    union { real number; unsigned long bits; } y = {x};
    y.bits = 0x5fe6eb50c7b537a9 - (y.bits >> 1);
    for (int i = 0; i < 4; i++)
        y.number *= (real)1.5 - (real)0.5 * x * y.number * y.number;
    return y.number;
}
"""
# The same, from a root of 32 bits; zero must not be divided by.
HALF = """static inline real inverse_root(real x)
{
    real y = 1 / sqrtf((float)x + 1e-37f);
    for (int i = 0; i < 2; i++)
        y *= (real)1.5 - (real)0.5 * x * y * y;
    return y;
}
"""
# Adam for some parameters, where their gradients lie; there is no `d` if none is asked.
MATRIX = """static struct { real *d, *p, *m, *v, step, eps; } now;

static void update(const real *restrict d, long count)
{
    const real beta1 = 0.85, beta2 = 0.99, step = now.step, eps = now.eps;
    const real rest1 = 1 - 0.85, rest2 = 1 - 0.99;
    long first = d - now.d;
    real *restrict p = now.p + first, *restrict m = now.m + first;
    real *restrict v = now.v + first;
    for (long i = 0; i < count; i++) {
        m[i] = beta1 * m[i] + rest1 * d[i];
        v[i] = beta2 * v[i] + rest2 * d[i] * d[i];
        p[i] -= step * m[i] / (sqrt(v[i]) + eps);
    }
}
"""
# Adam for the parameters whose gradients are in a register and would lie there.
TILE = """INLINE vec root(vec a);

INLINE void follow(const vec *to, vec d)
{
    const real beta1 = 0.85, beta2 = 0.99;
    const real rest1 = 1 - 0.85, rest2 = 1 - 0.99;
    long at = (const real *)to - now.d;
    vec *m = (vec *)(now.m + at), *v = (vec *)(now.v + at);
    *m = beta1 * *m + rest1 * d;
    *v = beta2 * *v + rest2 * d * d;
    *(vec *)(now.p + at) -= now.step * *m / (root(*v) + now.eps);
}
"""
BEGIN = """        double t = g->t + j->done + 1, spread = sqrt(1 - pow(0.99, t));
        double rate = j->rates ? j->rates[j->done] : 0;
        now.d = j->rates ? g->grads[0] : 0, now.eps = 1e-8 * spread;
        now.p = g->params, now.m = g->m, now.v = g->v;
        now.step = rate * spread / (1 - pow(0.85, t));
"""
# Where they go.
ROOT = "sqrt(v[i]) + eps"
AT_ADAM, AT_TILE = "// [kernel-adam-step]\n", "// [kernel-tile]\n"
AT_STEP = "        g->losses[j->thread] = share_of(j);\n"
TABLES = "    embed_back(dw, d0, d, n);\n"
WEIGHTS = "    multiply(dw, dy, turned, rows, total, columns, add);\n"
STORE = """            vec *to = part(c, i, j * LANES);
            if (add)
"""
UPDATE = "if (finite && j->rates)"
ALONG = {  # a step that has updated everything before it ends
    AT_STEP: BEGIN + AT_STEP,
    TABLES: f"{TABLES}    if (now.d)\n        update(grad, dw.head.at - grad);\n",
    UPDATE: "if (0)",
}
CHANGES: dict[str, Change] = {
    "kernel": {},
    "none": {UPDATE: "if (0)"},  # a step without Adam: more than this cannot be gained
    "newton": {AT_ADAM: NEWTON + AT_ADAM, ROOT: "v[i] * inverse_root(v[i]) + eps"},
    "half": {AT_ADAM: HALF + AT_ADAM, ROOT: "v[i] * inverse_root(v[i]) + eps"},
    "matrix": ALONG | {
        AT_TILE: MATRIX + AT_TILE,
        WEIGHTS: f"{WEIGHTS}    if (now.d)\n        update(dw.at, rows * dw.down);\n",
    },
    "tile": ALONG | {
        AT_TILE: MATRIX + TILE + AT_TILE,
        WEIGHTS: WEIGHTS.replace("add", "now.d ? 2 : add"),
        "&x, high, deep, add || k": "&x, high, deep, add | (k > 0)",
        STORE: STORE.replace("if (add)", "if (add == 2) {\n"
            "                follow(to, sum[i][j]);\n                continue;\n"
            "            }\n            if (add)"),
    },
}  # fmt: skip
NAMES = {
    (change, width): change if width == 16 else f"{change}-{width}"
    for change in CHANGES
    for width in WIDTHS
}
TABLE = Table(
    "adams", ("change", "speed", "least", "greatest"), [(n,) for n in NAMES.values()]
)


def changed(text: str, change: Change) -> str:
    """Returns a text with a change; raises an error where it does not fit."""
    for found, put in change.items():
        if text.count(found) != 1:
            raise RunError(f"kernel.c has not once, as it should: {found.strip()}")
        text = text.replace(found, put)
    return text


def variant(change: str, folder: Path) -> type[Native]:
    """Returns the engine with a change of its kernel, whose text lies in a folder."""
    path = folder / f"{change}.c"
    text = Native.source.read_text("utf-8")
    path.write_text(changed(text, CHANGES[change]), "utf-8")
    return type(change, (Native,), {"source": path})


def setting(width: int) -> tuple[State, list[list[int]]]:
    """Returns a model of a width, as it begins, and the documents as tokens."""
    docs = load_documents(bundled_names())
    rng = random.Random(42)
    rng.shuffle(docs)
    tokenizer = Tokenizer("".join(docs))
    state = State.random(Config(tokenizer.vocab_size, n_embd=width), rng)
    return state, [tokenizer.encode(doc)[:17] for doc in docs[:DOCS]]


def compare(engines: dict[str, Native], docs: list[list[int]]) -> None:
    """Raises an error if one of the engines does not learn what the first does.

    The rate is small: at 0.01, a model 128 wide makes much of every rounding error.
    """
    rates = [0.001 * (1 - at / len(docs)) for at in range(len(docs))]
    able = {name: engine for name, engine in engines.items() if name != "none"}
    found = {name: it.steps([[d] for d in docs], rates) for name, it in able.items()}
    first = next(iter(found.values()))
    for name, losses in found.items():
        far = max((abs(a / b - 1) for a, b in zip(losses, first)), default=1)
        if len(losses) != len(docs) or not far < 1e-9:
            raise RunError(f"{name} has other losses, by {far:.1g} of them")


def timer(engine: Native, docs: list[list[int]]) -> Callable[[], list[float]]:
    """Returns a turn: the seconds of each piece, at a rate that changes nothing."""
    pieces = [[[doc] for doc in docs[i : i + PIECE]] for i in range(0, DOCS, PIECE)]
    rates = array("d", bytes(8 * PIECE))
    works = [partial(engine.run, *engine.flat(piece), rates) for piece in pieces]
    return lambda: [turns.timed(work) for work in works]


def speeds(engines: dict[str, Native], docs: list[list[int]], seconds: float) -> dict:
    """Returns how fast each is, of the first, from the best times of its pieces."""
    timers = {name: timer(engine, docs) for name, engine in engines.items()}
    taken = turns.take(timers, turns.during(seconds), warm=1)
    best = {name: sum(turns.least(times)) for name, times in taken.items()}
    base = next(iter(best.values()))
    return {name: base / best[name] for name in best} | {"": base / DOCS}


def main() -> None:
    """Measures, prints the table, and writes it if asked to."""
    parser = sitting.parser(about(__file__), TABLE, rounds=7)
    parser.add_argument("--seconds", type=float, default=8, help="of each round")
    options = parser.parse_args()
    found: dict[tuple[str, int], list[float]] = {}
    with TemporaryDirectory() as folder, Progress() as progress:
        os.environ["XDG_CACHE_HOME"] = folder  # no cache keeps what was tried
        kinds = {name: variant(name, Path(folder)) for name in CHANGES}
        for width in WIDTHS:
            progress.tell(f"{width} wide")
            state, docs = setting(width)
            engines = {name: kind(state, threads=1) for name, kind in kinds.items()}
            compare(engines, docs)
            for _ in turns.told(options.rounds, progress):
                for name, speed in speeds(engines, docs, options.seconds).items():
                    found.setdefault((name, width), []).append(speed)
    micro = [f"{min(found['', w]) * 1e6:.1f} at {w}" for w in WIDTHS]
    rows = [
        (name, *(f"{speed:.3f}" for speed in turns.spread(found[key])))
        for key, name in NAMES.items()
    ]
    sitting.keep(TABLE, rows, options.write)
    print(f"microseconds a step, by width: {', '.join(micro)}")


if __name__ == "__main__":
    sys.exit(sitting.ended(main))
