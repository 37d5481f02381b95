"""Perceptron: how its loss falls, and how it follows a single weight."""

from typing import Any

from tools.proof import stage
from tools.proof.commands import python

# The perceptron with gradients by hand stands in the program as of this chapter. There
# one of its weights is moved, and it is trained.
CHAPTER = "nudging"
WORKER = """
import contextlib, io, json, random
from microgpt.data import bundled_names, load_documents, split
from microgpt.model import MLP
from microgpt.tokenizer import Tokenizer
from microgpt.train import train

rng = random.Random(42)
docs = load_documents(bundled_names())
rng.shuffle(docs)
train_docs, _ = split(docs, 1000)
tokenizer = Tokenizer("".join(docs))
model = MLP(tokenizer.vocab_size, 16, 64, rng)
emma = tokenizer.encode("emma")
# As in the chapter, the model whose weight is moved has random numbers of its own.
moved = MLP(tokenizer.vocab_size, 16, 64, random.Random(42))
loss, grads = moved.loss_and_gradients(emma)
row = moved.state_dict["fc2"][0]
nudge = {"at": row[10], "loss": loss, "slope": grads["fc2"][0][10]}
nudge["weights"] = [k / 2 for k in range(-60, 61)]
nudge["losses"] = []
for row[10] in nudge["weights"]:
    nudge["losses"].append(moved.loss_and_gradients(emma)[0])
with contextlib.redirect_stdout(io.StringIO()):
    losses = train(model, train_docs, tokenizer)
print(json.dumps({"losses": losses, "nudge": nudge}))
"""


def perceptron() -> dict[str, Any]:
    """Returns the perceptron's losses, and one name's loss as one weight moves."""
    return python(WORKER, stage.stage(CHAPTER))
