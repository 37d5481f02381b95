"""Checks of the exercises in docs/machines.md. None of them needs PyTorch."""

import random

from checking import case, holds

from microgpt import Config, State
from microgpt.explicit import Explicit


def shares(answers):
    for documents, processes, lengths in (
        (8, 2, [4, 4]),
        (7, 3, [2, 2, 3]),
        (10, 4, [2, 3, 2, 3]),
        (2, 3, [0, 1, 1]),
        (5, 1, [5]),
    ):
        batch = [[9, i, 9] for i in range(documents)]

        def sizes():
            return [len(share) for share in answers.shares(batch, processes)]

        def middles():
            found = answers.shares(batch, processes)
            return [doc[1] for share in found for doc in share]

        of = f"{documents} documents for {processes} processes"
        yield case(f"the sizes of the shares, {of}", sizes, lengths)
        tried = f"the shares one after the other, {of}, by number"
        yield case(tried, middles, list(range(documents)))


def best(answers):
    tried = "best(work=1000.0, fixed=0.1, size=1e6, 1e-5, 1e9, most=32)"
    yield case(tried, lambda: answers.best(1000.0, 0.1, 1e6, 1e-5, 1e9, 32), 32)
    tried = "best(work=1e-4, fixed=1e-3, size=33_544, 1e-4, 1e9, most=32)"
    yield case(tried, lambda: answers.best(1e-4, 1e-3, 33_544, 1e-4, 1e9, 32), 1)
    for processes in (3, 10, 40):
        work = 2 * processes**2 * 1e-4
        tried = f"best({work:.4g}, 0.5, size=0, latency=1e-4, 1e9, most=200)"
        yield case(tried, lambda: answers.best(work, 0.5, 0, 1e-4, 1e9, 200), processes)
    tried = "best(work=5.0, fixed=1.0, size=1e9, latency=1e-3, 1e9, most=64)"
    yield case(tried, lambda: answers.best(5.0, 1.0, 1e9, 1e-3, 1e9, 64), 39)


def means(answers):
    config = Config(5, n_embd=4, n_head=2, block_size=4)
    engine = Explicit(State.random(config, random.Random(2)))
    batch = [[4, 0, 1, 4], [4, 2, 4], [4, 3, 3, 3, 4], [4, 1, 4]]

    def call(documents, processes):
        return f"mean_of_means(engine, batch of {documents}, {processes})"

    def mean(gradients):
        return [sum(column) / len(gradients) for column in zip(*gradients)]

    def by_shares(shares):
        return mean([engine.loss_and_gradients(share)[1] for share in shares])

    def error(batch, processes, right):
        found = answers.mean_of_means(engine, batch, processes)
        if len(found) != len(right[0]):
            return f"{len(found)} numbers, not {len(right[0])}"
        errors = (max(abs(a - b) for a, b in zip(found, one)) for one in right)
        return round(min(errors), 12)

    _, whole = engine.loss_and_gradients(batch)
    for processes in (1, 2, 4):
        tried = f"{call(4, processes)}: how far from the batch's gradient"
        yield case(tried, lambda: error(batch, processes, [whole]), 0.0, 1e-12)
    for documents, processes in ((4, 3), (3, 2)):
        some, n = batch[:documents], documents
        ranks = range(processes)
        neighbours = [
            some[n * r // processes : n * (r + 1) // processes] for r in ranks
        ]
        turns = [some[rank::processes] for rank in ranks]
        right = [by_shares(neighbours), by_shares(turns)]
        tried = f"{call(documents, processes)}: how far from the mean of means"
        yield case(tried, lambda: error(some, processes, right), 0.0, 1e-12)

        def distance():
            _, whole = engine.loss_and_gradients(some)
            return error(some, processes, [whole])

        yield holds(
            "how far that is from the gradient of the batch",
            distance,
            "more than 0.0001",
            lambda got: got > 1e-4,
        )


def ring(answers):
    def sums(lists):
        return [sum(column) for column in zip(*lists)]

    def copies(lists):
        return [numbers[:] for numbers in lists]

    for lists in ([[1, 2], [30, 40]], [[1, 2, 3], [10, 20, 30], [100, 200, 300]]):
        tried = f"what all hold in the end, ring({lists})"
        right = [sums(lists)] * len(lists)
        yield case(tried, lambda: [*answers.ring(copies(lists))[0]], right)
        sent = [2 * (len(lists) - 1)] * len(lists)
        tried = f"how many numbers each has sent, ring of these {len(lists)} lists"
        yield case(tried, lambda: [*answers.ring(copies(lists))[1]], sent)
    for processes in (1, 2, 3, 5):
        rng, n = random.Random(processes), 4 * processes
        lists = [[rng.randrange(100) for _ in range(n)] for _ in range(processes)]

        def wrong():
            held, _ = answers.ring(copies(lists))
            pairs = [(a, b) for mine in held for a, b in zip(mine, sums(lists))]
            return len(held), len(pairs), sum(a != b for a, b in pairs)

        of = f"{processes} lists of {n}"
        tried = f"lists, numbers in them, and wrong numbers, {of}"
        yield case(tried, wrong, (processes, processes * n, 0))
        sent = [2 * (processes - 1) * n // processes] * processes
        tried = f"how many numbers each has sent, {of}"
        yield case(tried, lambda: [*answers.ring(copies(lists))[1]], sent)

    def same_bits():
        rng = random.Random(0)
        lists = [[rng.random() for _ in range(6)] for _ in range(3)]
        held, _ = answers.ring(lists)
        return held[0] == held[1] == held[2]

    tried = "have three processes the same bits, of sums of floats?"
    yield case(tried, same_bits, True)
