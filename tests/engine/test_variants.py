"""The variants: each does what its page says, and its gradients are right.

A variant's first losses are compared with those of `Plain`, which computes the book's
model with plain numbers and differs from it in a method for each variant. One process
for each variant tells all that its engines compute. That its program runs, saves and
goes on as a command is tried for a few, and with --full for all.
"""

import cmath
import json
import math
import random
import shutil
import subprocess
import sys
from functools import cache, partial
from pathlib import Path
from statistics import NormalDist, fmean

import pytest

from microgpt.engine import ENGINES, EXACT
from tools import tangle

pytestmark = pytest.mark.long

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted((ROOT / "docs/variants").glob("*.md"))
NAMES = [path.stem for path in PAGES]
TOGETHER = [
    ["rotary", "no-residual"],
    ["no-attention", "no-mlp"],
    ["sgd", "clipping"],
    ["layernorm", "clipping", "adamw"],
    ["shared-keys", "gelu", "sgd"],
    ["sinusoidal", "no-root", "momentum", "warm-up"],
    ["rotary", "squared-relu", "betas", "zero-init"],
]
COMBINED = [*([name] for name in NAMES), *TOGETHER]
BATCH = [[4, 0, 2, 2, 1, 3, 4], [4, 3, 4]]
ASKED = ["graph", "arrays"]
EVERY = ["constant-rate", "warm-up", "zero-init", "initial-std"]  # all engines know
SCRIPT = """
import json, random
from microgpt.engine import ENGINES, EXACT, State, make_engine, matrices
from microgpt.model import Config
from microgpt.train import document_loss

batch, asked = json.loads(input())
config = Config(vocab_size=5, n_embd=8, block_size=6, n_layer=2, n_head=2)
first, rng = State.random(config, random.Random(42)), random.Random(1)
params = [p + rng.gauss(0, 0.3) for p in first.params]
zeros = [0.0] * len(params)

def engine(name, numbers):
    return make_engine(name, State(config, numbers, zeros[:], zeros[:]))

def slope(i, h=1e-5):
    up, down = (params[:i] + [params[i] + d] + params[i + 1 :] for d in (h, -h))
    up, down = (engine(asked[-1], x).loss_and_gradients(batch)[0] for x in (up, down))
    return (up - down) / (2 * h)

told = {"params": params, "matrices": matrices(config, params)}
told |= {"first": matrices(config, first.params), "names": [[*ENGINES], EXACT]}
for name in asked:
    trained, steps = engine(name, params), []
    for _ in range(2):
        found = {"gradient": trained.loss_and_gradients(batch)[1]}
        found["loss"] = trained.step(batch, 0.01)
        now = trained.state()
        steps.append(found | {"after": now.params, "m": now.m, "v": now.v})
    told[name] = {"steps": steps, "predicted": engine(name, params).predict(batch[0])}
gradient = steps[0]["gradient"]
told["gradients"] = {
    name: [[g, i] for row in rows for g, i in row]
    for name, rows in matrices(config, list(zip(gradient, range(len(params))))).items()
}
chosen = [at[len(at) // 2][1] for at in told["gradients"].values()]
told["slopes"] = [[gradient[i], slope(i)] for i in chosen]
print(json.dumps(told))
"""
RATES_SCRIPT = """
import json, random
from microgpt.engine import State, make_engine, train_with
from microgpt.model import Config
from microgpt.tokenizer import Tokenizer
from microgpt.train import train

names = json.loads(input())
state = State.random(Config(3, n_embd=4, n_head=2, block_size=4), random.Random(1))
engine, docs, asked = make_engine("graph", state), ["ab", "b"], {}

def note(name, step):
    def noting(*arguments):
        asked.setdefault(name, []).append(arguments[-1])
        return step(*arguments)
    return noting

engine.optimizer.step = note("train", engine.optimizer.step)
steps = train(engine.model, engine.optimizer, docs, Tokenizer("ab"), 0.01, 20)
assert [step for step, _ in steps] == [*range(20)]
asked["train"] = asked["train"][:]
for name in names:
    engine = make_engine(name, state)
    engine.step = note(name, engine.step)
    steps = train_with(engine, docs, Tokenizer("ab"), 0.01, 20)
    assert sum(map(len, steps)) == 20
print(json.dumps(asked))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """folder("rotary"): where the program with these variants is."""
    book = tangle.read_book(ROOT / "docs")

    @cache
    def made(*names):
        output = tmp_path_factory.mktemp("-".join(names))
        paths = [ROOT / f"docs/variants/{name}.md" for name in names]
        pages = [(path.name, path.read_text("utf-8")) for path in paths]
        _, files, problems = tangle.tangle(tangle.vary(book, pages))
        problems += tangle.bring(files, output)[-1]
        assert problems == []
        return output

    return made


def python(folder, *arguments, typed=None):
    """What Python prints in a folder."""
    run = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder, input=json.dumps(typed), capture_output=True, text=True,
        timeout=100,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    return run.stdout


@pytest.fixture(scope="module")
def told(folder):
    """told("rotary"): what the program tells of a small model."""

    @cache
    def asked(*names):
        given = [BATCH, ASKED]
        return json.loads(python(folder(*names), "-c", SCRIPT, typed=given))

    return asked


class Plain:
    """The book's model on plain numbers: two layers, 8 wide, two heads."""

    def __init__(self, matrices):
        self.w = matrices

    def loss(self, batch):
        losses = []
        for tokens in batch:
            hits = [row[i] for row, i in zip(self.predict(tokens), tokens[1:])]
            losses.append(-fmean(map(math.log, hits)))
        return fmean(losses)

    def predict(self, tokens):
        caches = [([], []), ([], [])]
        seen = enumerate(tokens[:-1])
        return [softmax(self.logits(token, at, caches)) for at, token in seen]

    def logits(self, token, at, caches):
        x = self.norm("norm", self.begin(token, at))
        for i, seen in enumerate(caches):
            x = self.layer(i, x, at, seen)
        return self.times(self.head, x)

    def attention(self, i, x, at, seen):
        (keys, values), a = seen, self.norm(f"layer{i}.attn_norm", x)
        q, k, v = (self.times(f"layer{i}.attn_w{name}", a) for name in "qkv")
        keys.append(self.place(k, at))
        values.append(v)
        read = self.attend(self.place(q, at), keys, values)
        return self.times(f"layer{i}.attn_wo", read)

    def mlp(self, i, x):
        h = self.times(f"layer{i}.mlp_fc1", self.norm(f"layer{i}.mlp_norm", x))
        return self.times(f"layer{i}.mlp_fc2", [self.bend(hi) for hi in h])

    def times(self, name, x):
        return [math.fsum(map(float.__mul__, row, x)) for row in self.w[name]]

    def attend(self, q, keys, values):
        found = []
        for head in (slice(0, 4), slice(4, 8)):
            scores = [math.fsum(map(float.__mul__, q[head], k[head])) for k in keys]
            scores = [score / self.root for score in scores]
            shares = softmax(scores)
            for column in zip(*(v[head] for v in values)):
                found.append(math.fsum(map(float.__mul__, shares, column)))
        return found

    # In what variants differ

    head, root = "lm_head", 2.0

    def layer(self, i, x, at, seen):
        x = self.join(x, self.attention(i, x, at, seen))
        return self.join(x, self.mlp(i, x))

    def bend(self, hi):
        return max(hi, 0.0)

    def begin(self, token, at):
        return [a + b for a, b in zip(self.w["wte"][token], self.w["wpe"][at])]

    def norm(self, name, x):
        size = math.sqrt(math.fsum(xi * xi for xi in x) / len(x) + 1e-5)
        return [xi / size for xi in x]

    def place(self, x, at):
        return x

    def join(self, x, part):
        return [a + b for a, b in zip(x, part)]


class NoResidual(Plain):
    def join(self, x, part):
        return part


class LayerNorm(Plain):
    def norm(self, name, x):
        mean = math.fsum(x) / len(x)
        variance = math.fsum((xi - mean) ** 2 for xi in x) / len(x)
        gain, bias = self.w[name]
        rows = zip(x, gain, bias)
        return [(xi - mean) / math.sqrt(variance + 1e-5) * g + b for xi, g, b in rows]


class Rotary(Plain):
    def begin(self, token, at):
        return self.w["wte"][token]

    def place(self, x, at):
        """Pairs as complex numbers; in a head of four, angles of 1 and of 1/100."""
        found = []
        for i in range(0, len(x), 2):
            angle = at * (1.0 if i % 4 == 0 else 0.01)
            z = complex(x[i], x[i + 1]) * complex(math.cos(angle), math.sin(angle))
            found += [z.real, z.imag]
        return found


class NoNorm(Plain):
    def norm(self, name, x):
        return x


class NoRelu(Plain):
    def bend(self, hi):
        return hi


class Gelu(Plain):
    def bend(self, hi):
        return hi * NormalDist().cdf(hi)


class SquaredRelu(Plain):
    def bend(self, hi):
        return hi * hi if hi > 0 else 0.0


class NoPosition(Plain):
    def begin(self, token, at):
        return self.w["wte"][token]


class Sinusoidal(Plain):
    def begin(self, token, at):
        """Pairs as complex numbers; in a vector of eight, four angles."""
        hands = [cmath.rect(0.08 * math.sqrt(2), at / 10**power) for power in range(4)]
        waves = [part for hand in hands for part in (hand.imag, hand.real)]
        return [a + b for a, b in zip(self.w["wte"][token], waves)]


class NoRoot(Plain):
    root = 1.0


class SharedKeys(Plain):
    def attend(self, q, keys, values):
        shared = ([x[:4] * 2 for x in seen] for seen in (keys, values))
        return super().attend(q, *shared)


class NoAttention(Plain):
    def attention(self, i, x, at, seen):
        return [0.0] * len(x)


class NoMlp(Plain):
    def mlp(self, i, x):
        return [0.0] * len(x)


class Parallel(Plain):
    def layer(self, i, x, at, seen):
        parts = self.attention(i, x, at, seen), self.mlp(i, x)
        return self.join(x, self.join(*parts))


class TiedHead(Plain):
    head = "wte"


PLAIN = {
    "no-residual": NoResidual,
    "layernorm": LayerNorm,
    "rotary": Rotary,
    "no-norm": NoNorm,
    "no-relu": NoRelu,
    "gelu": Gelu,
    "squared-relu": SquaredRelu,
    "no-position": NoPosition,
    "sinusoidal": Sinusoidal,
    "no-root": NoRoot,
    "no-attention": NoAttention,
    "no-mlp": NoMlp,
    "parallel": Parallel,
    "tied-head": TiedHead,
    "shared-keys": SharedKeys,
}
UNREAD = {  # the matrices that are drawn for the sake of those behind them
    "rotary": {"wpe"},
    "no-position": {"wpe"},
    "sinusoidal": {"wpe"},
    "no-attention": {f"layer{i}.attn_w{name}" for i in (0, 1) for name in "qkvo"},
    "no-mlp": {f"layer{i}.mlp_fc{k}" for i in (0, 1) for k in (1, 2)},
    "tied-head": {"lm_head"},
}


def plain(names):
    """The model on plain numbers, with these variants; Plain if none changes it."""
    kinds = [PLAIN[name] for name in names if name in PLAIN]
    return type("Varied", tuple(kinds), {}) if kinds else Plain


def unread(names):
    """The matrices that nobody reads, with these variants."""
    return set().union(*(UNREAD.get(name, ()) for name in names))


# How training goes on: from the first parameters and the gradients of each step, the
# parameters after it and what the optimizer remembers, at a rate of 0.01.


def adam(params, gradients, beta1=0.85, beta2=0.99, decay=0.0):
    m, v = [0.0] * len(params), [0.0] * len(params)
    for t, gradient in enumerate(gradients, 1):
        m = [beta1 * mi + (1 - beta1) * g for mi, g in zip(m, gradient)]
        v = [beta2 * vi + (1 - beta2) * g * g for vi, g in zip(v, gradient)]
        whole = [mi / (1 - beta1**t) for mi in m]
        sizes = [math.sqrt(vi / (1 - beta2**t)) + 1e-8 for vi in v]
        moves = [a / b + decay * p for a, b, p in zip(whole, sizes, params)]
        params = [p - 0.01 * move for p, move in zip(params, moves)]
        yield params, m, v


def sgd(params, gradients):
    for gradient in gradients:
        params = [p - 0.01 * g for p, g in zip(params, gradient)]
        yield params, [0.0] * len(params), [0.0] * len(params)


def momentum(params, gradients):
    velocity = [0.0] * len(params)
    for gradient in gradients:
        velocity = [0.85 * v + g for v, g in zip(velocity, gradient)]
        params = [p - 0.01 * v for p, v in zip(params, velocity)]
        yield params, velocity, [0.0] * len(params)


def clipped(gradients):
    for gradient in gradients:
        length = math.sqrt(math.fsum(g * g for g in gradient))
        assert length > 1.1
        yield [g / length for g in gradient]


OPTIMIZERS = {
    "sgd": sgd,
    "momentum": momentum,
    "betas": partial(adam, beta1=0.9, beta2=0.999),
    "adamw": partial(adam, decay=0.1),
}


def trained(names, params, gradients):
    """What is left by each step with these variants: the parameters, m and v."""
    (optimizer,) = [OPTIMIZERS[name] for name in names if name in OPTIMIZERS] or [adam]
    return optimizer(params, clipped(gradients) if "clipping" in names else gradients)


RATES = {  # of a run of 20 steps, where the rate is 0.01
    "constant-rate": [0.01] * 20,
    "warm-up": [0.01 / 3, 0.02 / 3, *(0.01 * k / 18 for k in range(18, 0, -1))],
}


def softmax(x):
    exps = [math.exp(xi - max(x)) for xi in x]
    return [e / math.fsum(exps) for e in exps]


each = pytest.mark.parametrize("names", COMBINED, ids="+".join)


@each
def test_the_first_losses_of_a_variant_are_what_its_page_says(told, names):
    it, kind = told(*names), plain(names)
    varied, book = kind(it["matrices"]), Plain(it["matrices"])
    for engine in ASKED:
        loss = it[engine]["steps"][0]["loss"]
        assert loss == pytest.approx(varied.loss(BATCH), rel=1e-12)
        assert kind is Plain or abs(loss - book.loss(BATCH)) > 1e-3
        rows = zip(it[engine]["predicted"], varied.predict(BATCH[0]))
        assert all(row == pytest.approx(other, rel=1e-11) for row, other in rows)


@each
def test_the_gradients_of_a_variant_are_those_of_finite_differences(told, names):
    slopes = told(*names)["slopes"]
    read = len(slopes) - len(unread(names))
    assert len(slopes) >= 15
    assert sum(abs(slope) > 1e-4 for _, slope in slopes) > 0.6 * read
    for gradient, slope in slopes:
        assert gradient == pytest.approx(slope, rel=1e-5, abs=1e-8)


@each
def test_the_engines_of_a_variant_agree_on_two_steps(told, names):
    it = told(*names)
    first, *others = (it[engine]["steps"] for engine in ASKED)
    assert first[1]["loss"] < first[0]["loss"]
    for step, other in ((a, b) for steps in others for a, b in zip(first, steps)):
        for what in ("gradient", "after", "m", "v"):
            assert step[what] == pytest.approx(other[what], rel=1e-9, abs=1e-9), what
        assert step["loss"] == pytest.approx(other["loss"], rel=1e-12)


@each
@pytest.mark.parametrize("engine", ASKED)
def test_two_steps_of_a_variant_are_those_of_plain_python(told, names, engine):
    it = told(*names)
    params, steps = it["params"], it[engine]["steps"]
    gradients = [step["gradient"] for step in steps]
    for step, numbers in zip(steps, trained(names, params, gradients), strict=True):
        for what, expected in zip(("after", "m", "v"), numbers, strict=True):
            assert step[what] == pytest.approx(expected, rel=1e-12, abs=1e-15), what
    if {*names} & {*OPTIMIZERS, "clipping"}:
        *_, (after, m, _) = adam(params, gradients)
        apart = [abs(a - b) for a, b in zip(step["after"] + step["m"], after + m)]
        assert max(apart) > 1e-3


@pytest.mark.parametrize("name", ["sgd", "clipping", *RATES])
def test_the_rates_of_a_run_are_what_the_page_of_the_variant_says(folder, name):
    asked = json.loads(python(folder(name), "-c", RATES_SCRIPT, typed=ASKED))
    falling = [0.01 * k / 20 for k in range(20, 0, -1)]
    expected = pytest.approx(RATES.get(name, falling), rel=1e-12)
    assert asked == {"train": expected} | {engine: expected for engine in ASKED}


def runs_saves_and_goes_on(place, *given, told):
    """Train with a command, save, load and go on."""
    sizes = ["--n-embd", "4", "--n-head", "2", "--num-samples", "1"]
    command = ["-m", "microgpt", *given, "--num-steps"]
    out = python(place, *command, "2", *sizes, "--save", "model.json")
    assert f"num docs: {told}" in out and "step 2 / 2 | loss " in out
    out = python(place, *command, "3", "--load", "model.json", "--resume")
    assert "step 3 / 3 | loss " in out


OTHERS = shutil.ignore_patterns("[!n]*")  # than the names


@each
def test_the_program_of_a_variant_runs_saves_and_goes_on(folder, names):
    place = folder(*names)
    shutil.copytree(ROOT / "docs/data", place / "docs/data", ignore=OTHERS)
    runs_saves_and_goes_on(place, told=32469)


@pytest.mark.full
@each
@pytest.mark.parametrize("engine", ASKED)
def test_each_engine_of_a_variant_runs_saves_and_goes_on(folder, names, engine):
    place = folder(*names)
    (place / "names.txt").write_text("emma\nolivia\nava\n", "utf-8")
    runs_saves_and_goes_on(place, "--data", "names.txt", "--engine", engine, told=3)


@each
def test_a_variant_has_no_engine_that_does_not_know_of_it(told, names):
    few = [ASKED, ["graph"]]
    expected = [[*ENGINES], EXACT] if set(names) <= set(EVERY) else few
    assert told(*names)["names"] == expected


@each
def test_what_a_variant_does_not_read_and_nothing_else_has_no_gradient(told, names):
    gradients = told(*names)["gradients"]
    still = {name for name, found in gradients.items() if not any(g for g, _ in found)}
    assert still == unread(names)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "layernorm"])
def test_the_weights_of_a_variant_begin_with_the_numbers_of_the_book(told, name):
    shapes, rng = told(name)["first"], random.Random(42)
    for matrix, rows in shapes.items():
        silent = name == "zero-init" and matrix.endswith(("attn_wo", "mlp_fc2"))
        spread = 0.0 if silent else 0.02 if name == "initial-std" else 0.08
        for row in rows:
            assert row == [rng.gauss(0, spread) for _ in row]


@pytest.mark.parametrize("name", ["layernorm", "zero-init", "initial-std"])
def test_a_model_and_a_state_of_a_variant_begin_alike(folder, name):
    assert python(folder(name), "-c", BEGINNINGS) == "True\n"


BEGINNINGS = """
import random
from microgpt.engine import State
from microgpt.model import GPT, Config

config = Config(5, n_embd=8, n_layer=2, n_head=2)
model, state = GPT(config, random.Random(7)), State.random(config, random.Random(7))
print([p.data for p in model.params] == state.params)
"""


@pytest.mark.parametrize("engine", ASKED)
def test_rotary_refuses_heads_that_have_no_pairs(folder, engine):
    place = folder("rotary")
    (place / "names.txt").write_text("emma\nolivia\nava\n", "utf-8")
    command = [sys.executable, "-m", "microgpt", "--data", "names.txt"]
    command += ["--n-embd", "6", "--n-head", "2", "--engine", engine]
    run = subprocess.run(
        command, cwd=place, capture_output=True, text=True, timeout=100
    )
    assert run.returncode == 2
    assert run.stderr == "microgpt: error: a head of 3 numbers has no pairs to turn\n"


def test_the_norms_of_layernorm_begin_as_if_they_were_not_there(told):
    first, book = told("layernorm")["first"], told("no-residual")["first"]
    norms = {name: rows for name, rows in first.items() if "norm" in name}
    assert [*norms] == ["norm", *(f"layer{i}.{n}_norm" for i in (0, 1) for n in PARTS)]
    assert all(rows == [[1.0] * 8, [0.0] * 8] for rows in norms.values())
    assert {name: rows for name, rows in first.items() if name not in norms} == book


PARTS = ("attn", "mlp")


# Their pages


@pytest.mark.parametrize("path", PAGES, ids=NAMES)
def test_the_page_of_a_variant_says_how_to_run_it(path):
    text, name = path.read_text("utf-8"), path.stem
    command = f"--with docs/variants/{name}.md --output build/{name}\ncd build/{name}\n"
    assert f"python tools/tangle.py {command}python -m microgpt" in text


@pytest.mark.parametrize("path", PAGES, ids=NAMES)
def test_the_blocks_of_a_variant_bear_its_name_and_fit_the_page(path):
    blocks, problems = tangle.parse(path.read_text("utf-8"), path.name)
    assert problems == []
    assert {block.kind for block in blocks} <= {*tangle.PLACES, "plain"}
    for block in (block for block in blocks if block.tangled):
        assert block.id.startswith(f"{path.stem}-")
        assert max(map(len, block.lines)) <= 76, block.id
