"""The variants: each does what its page says, and its gradients are right.

A variant's first losses are compared with those of `Plain`, which computes the book's
model with plain numbers and differs from it in a method for each variant.
"""

import cmath
import json
import math
import os
import random
import subprocess
import sys
from functools import cache
from pathlib import Path
from statistics import NormalDist

import pytest

from tools import tangle

pytestmark = pytest.mark.long

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted((ROOT / "docs/variants").glob("*.md"))
NAMES = [path.stem for path in PAGES]
TOGETHER = [
    ["rotary", "no-residual"],
    ["no-attention", "no-mlp"],
    ["sgd", "clipping"],
]
COMBINED = [*([name] for name in NAMES), *TOGETHER]
TOKENS = [4, 0, 2, 2, 1, 3, 4]
SCRIPT = """
import json, random
from microgpt.engine import State, make_engine, matrices
from microgpt.model import Config
from microgpt.train import document_loss

tokens = json.loads(input())
config = Config(vocab_size=5, n_embd=8, block_size=6, n_layer=2, n_head=2)
first, rng = State.random(config, random.Random(42)), random.Random(1)
params = [p + rng.gauss(0, 0.3) for p in first.params]
zeros = [0.0] * len(params)

def engine(numbers):
    return make_engine("auto", State(config, numbers, zeros[:], zeros[:]))

def loss_of(numbers):
    return document_loss(engine(numbers).model, tokens).data

def slope(i, h=1e-5):
    up, down = (params[:i] + [params[i] + d] + params[i + 1 :] for d in (h, -h))
    return (loss_of(up) - loss_of(down)) / (2 * h)

loss, gradients = engine(params).loss_and_gradients([tokens])
trained, steps = engine(params), []
for _ in range(2):
    found = {"gradient": trained.loss_and_gradients([tokens])[1]}
    found["loss"] = trained.step([tokens], 0.01)
    steps.append(found | {"after": trained.state().params, "m": trained.state().m})
told = {"loss": loss, "steps": steps, "first": matrices(config, first.params)}
told |= {"params": params, "matrices": matrices(config, params)}
told["gradients"] = {
    name: [[g, i] for row in rows for g, i in row]
    for name, rows in matrices(config, list(zip(gradients, range(len(params))))).items()
}
chosen = [at[len(at) // 2][1] for at in told["gradients"].values()]
told["slopes"] = [[gradients[i], slope(i)] for i in chosen]
print(json.dumps(told))
"""
RATES_SCRIPT = """
import json, random
from microgpt.engine import State, make_engine, train_with
from microgpt.model import Config
from microgpt.tokenizer import Tokenizer
from microgpt.train import train

state = State.random(Config(3, n_embd=4, n_head=2, block_size=4), random.Random(1))
engine, docs, asked = make_engine("auto", state), ["ab", "b"], {}

def note(name, step):
    def noting(*arguments):
        asked.setdefault(name, []).append(arguments[-1])
        return step(*arguments)
    return noting

engine.optimizer.step = note("train", engine.optimizer.step)
steps = train(engine.model, engine.optimizer, docs, Tokenizer("ab"), 0.01, 20)
assert [step for step, _ in steps] == [*range(20)]
asked["train"], engine.step = asked["train"][:], note("train_with", engine.step)
steps = train_with(engine, docs, Tokenizer("ab"), 0.01, 20)
assert sum(map(len, steps)) == 20
print(json.dumps({"train": asked["train"][:20], "train_with": asked["train_with"]}))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """folder("rotary"): where the program with these variants is."""

    @cache
    def made(*names):
        output = tmp_path_factory.mktemp("-".join(names))
        given = [f"--with=docs/variants/{name}.md" for name in names]
        before = Path.cwd()
        os.chdir(ROOT)
        try:
            assert tangle.main([*given, f"--output={output}"]) == 0
        finally:
            os.chdir(before)
        return output

    return made


def python(folder, *arguments, typed=""):
    """What Python prints in a folder."""
    run = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder, input=typed, capture_output=True, text=True, timeout=100,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    return run.stdout


@pytest.fixture(scope="module")
def told(folder):
    """told("rotary"): what the program tells of a small model."""

    @cache
    def asked(*names):
        return json.loads(
            python(folder(*names), "-c", SCRIPT, typed=json.dumps(TOKENS))
        )

    return asked


class Plain:
    """The book's model on plain numbers: two layers, 8 wide, two heads."""

    def __init__(self, matrices):
        self.w = matrices

    def loss(self, tokens):
        caches, losses = [([], []), ([], [])], []
        for at, (token, target) in enumerate(zip(tokens, tokens[1:])):
            logits = self.logits(token, at, caches)
            losses.append(-math.log(softmax(logits)[target]))
        return math.fsum(losses) / len(losses)

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


class RotaryNoResidual(Rotary, NoResidual):
    """rotary with no-residual."""


class Neither(NoAttention, NoMlp):
    """no-attention with no-mlp."""


PLAIN = {
    ("no-residual",): NoResidual,
    ("layernorm",): LayerNorm,
    ("rotary",): Rotary,
    ("no-norm",): NoNorm,
    ("no-relu",): NoRelu,
    ("gelu",): Gelu,
    ("squared-relu",): SquaredRelu,
    ("no-position",): NoPosition,
    ("sinusoidal",): Sinusoidal,
    ("no-root",): NoRoot,
    ("no-attention",): NoAttention,
    ("no-mlp",): NoMlp,
    ("parallel",): Parallel,
    ("tied-head",): TiedHead,
    ("sgd",): Plain,
    ("momentum",): Plain,
    ("constant-rate",): Plain,
    ("warm-up",): Plain,
    ("clipping",): Plain,
    ("sgd", "clipping"): Plain,
    ("rotary", "no-residual"): RotaryNoResidual,
    ("no-attention", "no-mlp"): Neither,
}
ATTENTION = {f"layer{i}.attn_w{name}" for i in (0, 1) for name in "qkvo"}
MLP = {f"layer{i}.mlp_fc{k}" for i in (0, 1) for k in (1, 2)}
UNREAD = {  # the matrices that are drawn for the sake of those behind them
    ("rotary",): {"wpe"},
    ("no-position",): {"wpe"},
    ("sinusoidal",): {"wpe"},
    ("no-attention",): ATTENTION,
    ("no-mlp",): MLP,
    ("tied-head",): {"lm_head"},
    ("rotary", "no-residual"): {"wpe"},
    ("no-attention", "no-mlp"): ATTENTION | MLP,
}


# How training goes on: from the first parameters and the gradients of each step, the
# parameters after it and what the optimizer remembers, at a rate of 0.01.


def adam(params, gradients):
    m, v = [0.0] * len(params), [0.0] * len(params)
    for t, gradient in enumerate(gradients, 1):
        m = [0.85 * mi + 0.15 * g for mi, g in zip(m, gradient)]
        v = [0.99 * vi + 0.01 * g * g for vi, g in zip(v, gradient)]
        whole = [mi / (1 - 0.85**t) for mi in m]
        sizes = [math.sqrt(vi / (1 - 0.99**t)) + 1e-8 for vi in v]
        params = [p - 0.01 * a / b for p, a, b in zip(params, whole, sizes)]
        yield params, m


def sgd(params, gradients):
    for gradient in gradients:
        params = [p - 0.01 * g for p, g in zip(params, gradient)]
        yield params, [0.0] * len(params)


def momentum(params, gradients):
    velocity = [0.0] * len(params)
    for gradient in gradients:
        velocity = [0.85 * v + g for v, g in zip(velocity, gradient)]
        params = [p - 0.01 * v for p, v in zip(params, velocity)]
        yield params, velocity


def clipped(gradients):
    for gradient in gradients:
        length = math.sqrt(math.fsum(g * g for g in gradient))
        assert length > 1.1
        yield [g / length for g in gradient]


OPTIMIZERS = {
    ("sgd",): sgd,
    ("momentum",): momentum,
    ("clipping",): lambda params, gradients: adam(params, clipped(gradients)),
    ("sgd", "clipping"): lambda params, gradients: sgd(params, clipped(gradients)),
}
RATES = {  # of a run of 20 steps, where the rate is 0.01
    "constant-rate": [0.01] * 20,
    "warm-up": [0.01 / 3, 0.02 / 3, *(0.01 * k / 18 for k in range(18, 0, -1))],
}


def softmax(x):
    exps = [math.exp(xi - max(x)) for xi in x]
    return [e / math.fsum(exps) for e in exps]


each = pytest.mark.parametrize("names", COMBINED, ids="+".join)


@each
def test_the_first_loss_of_a_variant_is_what_its_page_says(told, names):
    it = told(*names)
    expected = PLAIN[tuple(names)](it["matrices"]).loss(TOKENS)
    assert it["loss"] == pytest.approx(expected, rel=1e-12)
    if PLAIN[tuple(names)] is not Plain:
        assert abs(it["loss"] - Plain(it["matrices"]).loss(TOKENS)) > 1e-3


@each
def test_the_gradients_of_a_variant_are_those_of_finite_differences(told, names):
    slopes = told(*names)["slopes"]
    read = len(slopes) - len(UNREAD.get(tuple(names), ()))
    assert len(slopes) >= 15
    assert sum(abs(slope) > 1e-4 for _, slope in slopes) > 0.6 * read
    for gradient, slope in slopes:
        assert gradient == pytest.approx(slope, rel=1e-5, abs=1e-8)


@each
def test_two_steps_of_a_variant_learn(told, names):
    it = told(*names)
    first, second = it["steps"]
    assert first["loss"] == it["loss"] and second["loss"] < first["loss"]
    for step in it["steps"]:
        assert len(step["after"]) == len(it["params"])
        assert step["after"] != it["params"]


@each
def test_two_steps_of_a_variant_are_those_of_plain_python(told, names):
    it = told(*names)
    gradients = [step["gradient"] for step in it["steps"]]
    plain = OPTIMIZERS.get(tuple(names), adam)(it["params"], gradients)
    for step, (after, m) in zip(it["steps"], plain, strict=True):
        assert step["after"] == pytest.approx(after, rel=1e-12, abs=1e-15)
        assert step["m"] == pytest.approx(m, rel=1e-12, abs=1e-15)
    if tuple(names) in OPTIMIZERS:
        *_, (after, m) = adam(it["params"], gradients)
        apart = [abs(a - b) for a, b in zip(step["after"] + step["m"], after + m)]
        assert max(apart) > 1e-3


@pytest.mark.parametrize("name", ["sgd", "clipping", *RATES])
def test_the_rates_of_a_run_are_what_the_page_of_the_variant_says(folder, name):
    asked = json.loads(python(folder(name), "-c", RATES_SCRIPT))
    falling = [0.01 * k / 20 for k in range(20, 0, -1)]
    expected = pytest.approx(RATES.get(name, falling), rel=1e-12)
    assert asked == {"train": expected, "train_with": expected}


@each
def test_the_program_of_a_variant_runs_saves_and_goes_on(folder, names):
    place = folder(*names)
    sizes = ["--n-embd", "4", "--n-head", "2", "--num-samples", "1"]
    steps = ["-m", "microgpt", "--num-steps", "2"]
    out = python(place, *steps, *sizes, "--save", "model.json")
    assert "num docs: 32469" in out and "step 2 / 2 | loss " in out
    out = python(place, *steps[:3], "3", "--load", "model.json", "--resume")
    assert "step 3 / 3 | loss " in out


@pytest.mark.parametrize("name", NAMES)
def test_a_variant_has_no_engine_that_does_not_know_of_it(folder, name):
    ask = "from microgpt.engine import ENGINES, EXACT; print(*ENGINES, *EXACT)"
    assert python(folder(name), "-c", ask) == "graph graph\n"


@each
def test_what_a_variant_does_not_read_and_nothing_else_has_no_gradient(told, names):
    gradients = told(*names)["gradients"]
    still = {name for name, found in gradients.items() if not any(g for g, _ in found)}
    assert still == UNREAD.get(tuple(names), set())


@pytest.mark.parametrize("name", [name for name in NAMES if name != "layernorm"])
def test_the_weights_of_a_variant_begin_with_the_numbers_of_the_book(told, name):
    shapes, rng = told(name)["first"], random.Random(42)
    for rows in shapes.values():
        for row in rows:
            assert row == [rng.gauss(0, 0.08) for _ in row]


def test_rotary_refuses_heads_that_have_no_pairs(folder):
    command = [sys.executable, "-m", "microgpt", "--n-embd", "6", "--n-head", "2"]
    run = subprocess.run(
        command, cwd=folder("rotary"), capture_output=True, text=True, timeout=100
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
