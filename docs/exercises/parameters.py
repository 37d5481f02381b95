"""Checks of the exercises in docs/parameters.md."""

import random

from checking import case, holds, rounded

from microgpt.model import Config
from microgpt.optim import Adam
from microgpt.train import document_loss


def spread(answers):
    for n, sd_x, sd_w, right in (
        (1, 0.5, 0.08, 0.04),
        (16, 0.08, 0.08, 0.0256),
        (16, 0.5, 0.08, 0.16),
        (100, 1.0, 0.08, 0.8),
    ):
        tried = f"spread({n}, {sd_x}, {sd_w})"
        yield case(tried, lambda: rounded(answers.spread(n, sd_x, sd_w)), right)


def gpt2(answers):
    tried = "gpt2_params(0, 1, 10, 5): no layer at all"
    yield case(tried, lambda: answers.gpt2_params(0, 1, 10, 5), 17)
    tried = "gpt2_params(1, 1, 10, 5): one layer more"
    yield case(tried, lambda: answers.gpt2_params(1, 1, 10, 5), 42)
    for n_layer, n_embd, right in (
        (12, 768, 124_439_808),
        (24, 1024, 354_823_168),
        (48, 1600, 1_557_611_200),
    ):
        tried = f"gpt2_params({n_layer}, {n_embd})"
        yield case(tried, lambda: answers.gpt2_params(n_layer, n_embd), right)


def equal(answers):
    both, neither = {"wte": 1, "lm_head": 1}, {"wte": 4, "lm_head": 4}
    for names, start, steps, right in (
        (["wte"], 0.1, 0, {"wte": 1, "lm_head": 4}),
        ([], 0.1, 9, neither),
        (["wte", "lm_head"], 0.1, 9, both),
        (["wte", "lm_head"], 0.0, 9, both),
        (["wte"], 0.1, 9, neither),
        (["lm_head"], 0.1, 9, neither),
    ):
        tried = f"different_numbers({names}, {start}, {steps})"
        yield case(
            tried, lambda: answers.different_numbers(list(names), start, steps), right
        )


def tied(answers):
    def model():
        return answers.TiedGPT(Config(27), random.Random(42))

    def numbers():
        params = model().params
        return len(params), len(set(params))

    def same():
        weights = model().state_dict
        pairs = zip(weights["lm_head"], weights["wte"])
        return [a is b for x, y in pairs for a, b in zip(x, y)] == [True] * 432

    def learns():
        tied = model()
        before = document_loss(tied, [26, 4, 12, 12, 0, 26])
        before.backward()
        unread = tied.state_dict["wte"][25][0].grad
        Adam(tied.params).step(0.01)
        after = document_loss(tied, [26, 4, 12, 12, 0, 26])
        return unread != 0, after.data < before.data

    tried = "how many params TiedGPT(Config(27), …) has, and how many different"
    yield case(tried, numbers, (432, 432))
    tried = "is every Value of lm_head the one of wte at the same place"
    yield case(tried, same, True)
    yield holds(
        "has the row of z in wte a gradient from emma; does a step help",
        learns,
        "(True, True)",
        lambda got: got == (True, True),
    )
