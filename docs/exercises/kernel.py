"""Checks of the exercises in docs/kernel.md. One of them needs a C compiler."""

import math
from tempfile import TemporaryDirectory

from checking import Missing, case, holds

from microgpt import InputError, bundled_names, load_documents, native
from microgpt.native import compiler

SECONDS = {"keys": 60}  # it compiles a kernel


def lanes(answers):
    tried = "wasted([8, 16, 24], 8)"
    yield case(tried, lambda: answers.wasted([8, 16, 24], 8), 0.0)
    yield case("wasted([1], 4)", lambda: answers.wasted([1], 4), 0.75)
    yield case("wasted([7, 9], 8)", lambda: answers.wasted([7, 9], 8), 1 / 3)
    yield case("wasted([5, 2, 11], 1)", lambda: answers.wasted([5, 2, 11], 1), 0.0)
    yield case("wasted([1, 15], 4)", lambda: answers.wasted([1, 15], 4), 0.2)
    lengths = [len(doc) + 1 for doc in load_documents(bundled_names())]

    def of_the_names():
        return [round(answers.wasted(lengths, lanes), 2) for lanes in (4, 8, 16)]

    tried = "the share for the names, with 4, 8 and 16 lanes"
    yield case(tried, of_the_names, [0.16, 0.23, 0.55])


def degree(answers):
    tried = "degree_for(1.0, 0.5): 0.5 is left out"
    yield case(tried, lambda: answers.degree_for(1.0, 0.5), 0)
    tried = "degree_for(0.6, 1.0): 1/2 is left out"
    yield case(tried, lambda: answers.degree_for(0.6, 1.0), 1)
    tried = "degree_for(0.5, 1.0): 1/2 is left out, and just small enough"
    yield case(tried, lambda: answers.degree_for(0.5, 1.0), 1)
    width = math.log(2) / 2
    tried = "degree_for(2**-24, log(2) / 2)"
    yield case(tried, lambda: answers.degree_for(2**-24, width), 7)
    tried = "degree_for(2**-53, log(2) / 2)"
    yield case(tried, lambda: answers.degree_for(2**-53, width), 13)
    tried = "degree_for(2**-24, 10)"
    yield case(tried, lambda: answers.degree_for(2**-24, 10), 38)


def keys(answers):
    try:
        compiler()
    except InputError:
        raise Missing("a C compiler") from None
    # A kernel that runs for a moment need not be a fast one.
    native.FLAGS = [flag.replace("-O3", "-O0") for flag in native.FLAGS]

    def of(length):
        with TemporaryDirectory() as folder:
            found = answers.wrong_gradient(length, folder)
        if isinstance(found, float) and 0 <= found < 1e-14:
            return "below 1e-14"
        return f"{found:.0e}" if isinstance(found, float) else found

    for length in (15, 32):
        tried = f"wrong_gradient({length}, folder), with one block of queries"
        yield case(tried, lambda: of(length), "below 1e-14")
    yield holds(
        "wrong_gradient(33, folder), with two blocks",
        lambda: of(33),
        "above 1e-8: the mistake shows",
        lambda got: got != "below 1e-14" and float(got) > 1e-8,
    )


def online(answers):
    equal, pair = [0.0, 0.0], [1.0, 4.0]
    tried = "attend_once([0, 0], [1, 4])"
    yield case(tried, lambda: answers.attend_once(equal, pair), 2.5)
    thirds, pair = [math.log(2.0), 0.0], [3.0, 9.0]
    tried = "attend_once([log 2, 0], [3, 9])"
    yield case(tried, lambda: answers.attend_once(thirds, pair), 5.0)
    scores, values = [0.3, -2.0, 1.5, 1.4], [1.0, 2.0, -3.0, 0.5]
    shares = [math.exp(s) for s in scores]
    mean = round(sum(s * v for s, v in zip(shares, values)) / sum(shares), 9)
    tried = "attend_once([0.3, -2, 1.5, 1.4], [1, 2, -3, 0.5])"
    yield case(tried, lambda: round(answers.attend_once(scores, values), 9), mean)

    def iterated():
        return round(answers.attend_once(iter(scores), iter(values)), 9)

    yield case("the same with two iterators", iterated, mean)
    tried = "attend_once([-5000, 5000, 4000], [1, 2, 3])"
    large = [-5000.0, 5000.0, 4000.0]
    yield case(tried, lambda: answers.attend_once(large, [1.0, 2.0, 3.0]), 2.0)
    tried = "attend_once([5000, -5000], [1, 2])"
    yield case(tried, lambda: answers.attend_once([5000.0, -5000.0], [1.0, 2.0]), 1.0)
    tried = "attend_once([-5000, -5000], [1, 2])"
    yield case(tried, lambda: answers.attend_once([-5000.0] * 2, [1.0, 2.0]), 1.5)

    def ahead():
        taken, most = {"scores": 0, "values": 0}, 0

        def each(name, numbers):
            nonlocal most
            for number in numbers:
                taken[name] += 1
                most = max(most, abs(taken["scores"] - taken["values"]))
                yield number

        answers.attend_once(each("scores", scores), each("values", values))
        return most

    tried = "how far it reads ahead in one of two iterators of four"
    yield case(tried, ahead, 1)
