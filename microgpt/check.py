"""Checks: is the gradient of an engine the slope of its loss?"""

from collections.abc import Callable
from dataclasses import replace

from .engine import Batch, Engine, State, matrices


def slopes(
    make: Callable[[State], Engine], state: State, batch: Batch,
    step: float = 1e-5,
) -> list[float]:
    """Returns the loss's slope in each parameter, by central differences."""
    found = []
    for i, p in enumerate(state.params):
        ends = []
        for nudged in (p + step, p - step):
            params = [*state.params[:i], nudged, *state.params[i + 1 :]]
            engine = make(replace(state, params=params))
            ends.append(engine.loss_and_gradients(batch)[0])
        found.append((ends[0] - ends[1]) / (2 * step))
    return found


def gradient_errors(
    make: Callable[[State], Engine], state: State, batch: Batch,
    step: float = 1e-5,
) -> dict[str, float]:
    """Returns how far the gradient of each matrix is from the slopes.

    As a share of the matrix's largest slope, if that is 1e-4 or more.
    """
    config, gradient = state.config, make(state).loss_and_gradients(batch)[1]
    right = matrices(config, slopes(make, state, batch, step))
    errors = {}
    for name, found in matrices(config, gradient).items():
        pairs = [
            pair for rows in zip(found, right[name]) for pair in zip(*rows)
        ]
        largest = max(abs(slope) for _, slope in pairs)
        difference = max(abs(g - slope) for g, slope in pairs)
        errors[name] = difference / max(largest, 1e-4)
    return errors
