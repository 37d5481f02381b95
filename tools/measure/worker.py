"""Worker: a program in a process of its own that trains when it is asked to.

It is bound to its cores, and says how long a document took it.
"""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass, field

from tools.measure.turns import bind, cores
from tools.proof import stage
from tools.proof.stage import ROOT, RunError

DOCS, PARTS = 20, 4  # the documents to learn from, and in how many parts
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")

# A worker gets its task as JSON, and prints the first losses. Then, for the number of a
# part of the documents on each line, it prints the seconds for a document of that part:
# of training from the text on and, of an engine, of its steps alone; and the MiB that
# it holds after them (or, where the system is silent, ever held). Neither
# time has Python's garbage collector in it, but for a stage that is to have it.
SETUP = """
import gc, json, os, random, resource, sys, time
from microgpt.data import bundled_names, load_documents
from microgpt.model import Config
from microgpt.tokenizer import Tokenizer
task = json.loads(sys.argv[1])
count, batch, rate = task["docs"], task["batch"], task["rate"]
rng = random.Random(42)
docs = load_documents(task["data"] or bundled_names())
rng.shuffle(docs)
tokenizer = Tokenizer("".join(docs))
config = Config(tokenizer.vocab_size, **task["sizes"])
parts = [docs[1:][:count][i :: task["parts"]] for i in range(task["parts"])]
def held():
    if not os.path.exists("/proc/self/statm"):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize() / 2**20
def serve(part):
    for line in sys.stdin:
        times = part(int(line))
        print(json.dumps([*times, held()]), flush=True)
"""
STAGE = """
from microgpt.model import GPT
from microgpt.optim import Adam
from microgpt.train import train
model = GPT(config, rng)
optimizer = Adam(model.params)
steps = train(model, optimizer, docs, tokenizer, rate, 1000)
print(json.dumps([next(steps)[1] for _ in range(task["checked"])]), flush=True)
steps = train(model, optimizer, sum(parts, []), tokenizer, 1e-9, 10**9)
next(steps)  # which switches the collector off, in the finished program
(gc.enable if task["collector"] else gc.disable)()
def part(number):
    started = time.perf_counter()
    for _ in parts[number]:
        next(steps)
    seconds = (time.perf_counter() - started) / len(parts[number])
    return seconds, seconds
serve(part)
"""
ENGINE = """
from microgpt.engine import State, batches_of, encode_all, make_engine, train_with
from microgpt.train import no_collector
engine = make_engine(task["engine"], State.random(config, rng), **task["settings"])
limit, still = config.block_size + 1, 1e-9  # a rate that changes next to nothing
first = batches_of(range(task["checked"]), 1, encode_all(docs, tokenizer, limit))
rates = [rate * (1 - i / 1000) for i in range(len(first))]
print(json.dumps(engine.steps(first, rates)), flush=True)
def train(docs, rate, num_steps, batch=batch):
    return sum(train_with(engine, docs, tokenizer, rate, num_steps, 0, batch), [])
if task["warm"]:  # then most ReLUs are off, as they are for most of a run
    train(docs, rate, task["warm"], 1)
def timed(work):
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
def part(number):
    some = parts[number]
    steps = len(some) * passes[0]
    whole = timed(lambda: train(some, still, steps)) / steps
    few = len(some) * max(1, passes[0] // 16)  # so short a time as the peaks are taken
    batches = batches_of(range(few), batch, encode_all(some, tokenizer, limit))
    work = lambda: engine.steps(batches, few * [still])
    if hasattr(engine, "flat"):  # the kernel's arrays, made beforehand
        from array import array
        arrays = *engine.flat(batches), array("d", few * [still])
        work = lambda: engine.run(*arrays)
    with no_collector():  # as the training has it
        alone = min(timed(work) for _ in range(task["tries"] * steps // few)) / few
    return whole / batch, alone / batch
passes = [1]
while timed(lambda: part(0)) < 2 * task["seconds"]:
    passes[0] *= 2
serve(part)
"""


@dataclass
class Program:
    """Something to be timed.

    chapter: the stage, or "" for the finished package with an engine. docs: how many it
    is timed with, in so many parts. tolerance: how far its first losses, as many as are
    checked, may be from the original's. warm: the steps of a run before its pace is
    taken. seconds: how long a part is timed, at least. tries: how often its steps alone
    are done as well, in pieces of which the best counts, as it does for the peaks.
    """

    name: str
    chapter: str = ""
    collector: bool = False
    engine: str = ""
    settings: dict = field(default_factory=dict)
    sizes: dict = field(default_factory=dict)
    data: str = ""
    rate: float = 0.01
    docs: int = DOCS
    parts: int = PARTS
    checked: int = 10
    tries: int = 5
    warm: int = 300
    batch: int = 1
    cores: int = 1
    tolerance: float = 0.0
    seconds: float = 0.03

    def command(self) -> list[str]:
        """Returns the arguments of its process."""
        worker = SETUP + (STAGE if self.chapter else ENGINE)
        return ["-c", worker, json.dumps(asdict(self))]

    def precision(self) -> str:
        """Returns the kind of its numbers."""
        return self.settings.get("precision", "f64")


class Worker:
    """A program's process; it ends with the block that it is opened in.

    Its first answer is its first losses.
    """

    def __init__(self, program: Program) -> None:
        self.program, self.parts = program, 0
        self.errors = tempfile.TemporaryFile("w+")  # noqa: SIM115
        own = cores()[-program.cores :]
        self.process = subprocess.Popen(
            [sys.executable, *program.command()], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors,
            cwd=stage.stage(program.chapter) if program.chapter else ROOT,
            env=os.environ | dict.fromkeys(THREADS, str(program.cores)),
            preexec_fn=(lambda: bind(own)) if os.name == "posix" else None,
            start_new_session=True,  # so that Ctrl-C is ours to answer
        )  # fmt: skip

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()
        self.errors.close()

    def answer(self) -> list[float]:
        """Returns the next line that it prints."""
        line = self.process.stdout.readline()
        if not line:
            self.errors.seek(0)
            why = (self.errors.read().strip() or "no message").splitlines()[-1]
            raise RunError(f"{self.program.name} failed: {why}")
        return json.loads(line)

    def turn(self) -> list[float]:
        """Returns (seconds, seconds of the steps alone, MiB) for the next part."""
        print(self.parts % self.program.parts, file=self.process.stdin, flush=True)
        self.parts += 1
        return self.answer()
