"""Checks of the exercises in docs/kernel.md."""

import math

from checking import case, holds

from microgpt import bundled_names, load_documents


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


def leak(answers):
    tried = "leak([0.0, 0.0], 1, 0.0): nothing is hidden"
    yield case(tried, lambda: answers.leak([0.0, 0.0], 1, 0.0), 0.5)
    scores = [1.0, 0.0, 2.0, -1.0]
    for seen, minus in ((2, 1.0), (3, 2.0), (1, 5.0)):
        exps = [math.exp(s - minus * (i >= seen)) for i, s in enumerate(scores)]
        right = sum(exps[seen:]) / sum(exps)
        tried = f"leak({scores}, {seen}, {minus})"
        yield case(tried, lambda: answers.leak(scores, seen, minus), right)
    tried = "leak([-800.0, 800.0], 1, 1e30)"
    yield case(tried, lambda: answers.leak([-800.0, 800.0], 1, 1e30), 0.0)
    tried = "leak([-800.0, 800.0], 1, 100.0)"
    yield case(tried, lambda: answers.leak([-800.0, 800.0], 1, 100.0), 1.0)
    yield holds(
        "leaking(100)",
        lambda: answers.leaking(100),
        "scores from -200 to 200",
        lambda got: all(-200 <= s <= 200 for s in got),
    )
    yield holds(
        "the part that leaks of leaking(100), of which one may be seen",
        lambda: leaked(answers.leaking(100)),
        "above 0.5",
        lambda got: got > 0.5,
    )


def leaked(scores):
    hidden = [*scores[:1], *(score - 100 for score in scores[1:])]
    exps = [math.exp(score - max(hidden)) for score in hidden]
    return sum(exps[1:]) / sum(exps)


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
