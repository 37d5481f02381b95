"""Checks of the exercises in docs/adam.md."""

from checking import case, rounded

from microgpt.optim import Adam
from microgpt.value import Value


def with_gradients(*gradients):
    """Parameters of 1 with these gradients."""
    params = [Value(1.0) for _ in gradients]
    for p, gradient in zip(params, gradients):
        p.grad = gradient
    return params


def weights(answers):
    yield case("weights(0.85, 1)", lambda: rounded(answers.weights(0.85, 1)), [1.0])
    yield case(
        "weights(0.5, 2)",
        lambda: rounded(answers.weights(0.5, 2)),
        [0.333333333, 0.666666667],
    )
    yield case(
        "how many weights(0.9, 5) gives", lambda: len(answers.weights(0.9, 5)), 5
    )
    yield case(
        "the sum of weights(0.9, 5)",
        lambda: rounded(sum(answers.weights(0.9, 5))),
        1.0,
    )

    def ratios():
        found = answers.weights(0.9, 5)
        return rounded([a / b for a, b in zip(found, found[1:])])

    yield case("each of weights(0.9, 5) as a share of the next", ratios, [0.9] * 4)


def clip(answers):
    def clipped(limit, *gradients):
        params = with_gradients(*gradients)
        answers.clip(params, limit)
        return rounded([p.grad for p in params])

    def length(limit, *gradients):
        return rounded(answers.clip(with_gradients(*gradients), limit))

    told = "for gradients 3 and -4"
    yield case(f"clip(params, 10.0) {told}", lambda: length(10.0, 3.0, -4.0), 5.0)
    tried = f"the gradients after clip(params, 10.0) {told}"
    yield case(tried, lambda: clipped(10.0, 3.0, -4.0), [3.0, -4.0])
    yield case(f"clip(params, 1.0) {told}", lambda: length(1.0, 3.0, -4.0), 5.0)
    tried = f"the gradients after clip(params, 1.0) {told}"
    yield case(tried, lambda: clipped(1.0, 3.0, -4.0), [0.6, -0.8])
    tried = "the gradients after clip(params, 1.0) for gradients of 0"
    yield case(tried, lambda: clipped(1.0, 0.0, 0.0), [0.0, 0.0])


def uncorrected(answers):
    def moves(*betas):
        """Adam's moves so late that the correction has died away."""
        p, found = Value(0.0), []
        optimizer = Adam([p], *betas, eps=0.0)
        optimizer.t = 100_000
        for _ in range(9):
            p.grad, before = 1.0, p.data
            optimizer.step(1.0)
            found.append(before - p.data)
        return found

    for betas in (0.85, 0.99), (0.9, 0.999):
        given = ", ".join(map(str, betas))
        yield case(
            f"first_moves({given}, True, 9)",
            lambda: rounded(answers.first_moves(*betas, True, 9)),
            [1.0] * 9,
        )
        right = moves(*betas)
        for first in (0, 3, 6):
            yield case(
                f"first_moves({given}, False, 9)[{first}:{first + 3}]",
                lambda: rounded(
                    answers.first_moves(*betas, False, 9)[first : first + 3]
                ),
                rounded(right[first : first + 3]),
            )


def sign(answers):
    def stepped():
        params = with_gradients(1e-9, -70.0, 0.0)
        answers.SignDescent(params).step(0.25)
        return params

    told = "for parameters 1, 1, 1 with gradients 1e-9, -70, 0"
    tried = f"a step(0.25) {told}"
    yield case(tried, lambda: [p.data for p in stepped()], [0.75, 1.25, 1.0])
    tried = "their gradients after it"
    yield case(tried, lambda: [p.grad for p in stepped()], [0.0, 0.0, 0.0])
    for steps, right in (1, [0.0, 0.7]), (50, [3.5, 2.8]), (51, [2.8, 3.5]):
        yield case(
            f"landing(0.7, {steps})",
            lambda: rounded(answers.landing(0.7, steps)),
            right,
        )
