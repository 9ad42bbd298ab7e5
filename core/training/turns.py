"""Networks timed on this machine in turn, so that all meet the same machine, and the result of such a measurement."""

import time
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from core.errors import BackboneError
from core.networks.state import evaluating
from core.runs.result import Environment, RunResult, RunState
from core.runs.run import Payload, Run
from core.training.environment import device_of, environment_of, threads
from core.training.workplace import Workplace

MOST_REPEATS: Final = 200
REPEATS: Final = 20
# Called after each repeat with those made and those in all; false stops the measurement.
Look = Callable[[int, int], bool]
# A network, and what it is given.
Call = tuple[nn.Module, Tensor]


def seconds_in_turn(
    networks: Sequence[nn.Module], inputs: Tensor, *, repeats: int = REPEATS, look: Look | None = None
) -> list[float] | None:
    """Return the median seconds of each network for the same inputs, ``[n_networks]``; None where it was stopped.

    Args:
        networks: Each is run once in each repeat.
        inputs: What all of them take.
        repeats: Runs of each, after one that is not counted.
        look: Called after each repeat.

    Raises:
        BackboneError: The number of repeats is out of range.
    """
    if not 1 <= repeats <= MOST_REPEATS:
        raise BackboneError(f"{repeats} repeats were requested. Choose 1 to {MOST_REPEATS}.")
    found = quartiles_in_turn([(network, inputs) for network in networks], repeats=repeats, look=look)
    return None if found is None else found[:, 1].tolist()


def quartiles_in_turn(calls: Sequence[Call], *, repeats: int, look: Look | None = None) -> NDArray[np.float64] | None:
    """Return lower quartile, median and upper quartile of the seconds of each call, ``[n_calls, 3]``.

    Args:
        calls: Each is made once in each repeat, in another order each time.
        repeats: Calls of each, after one that is not counted; at least one.
        look: Called after each repeat.

    Returns:
        None where it was stopped.
    """
    times, rng = np.empty((repeats + 1, len(calls))), np.random.default_rng(0)
    with torch.inference_mode():
        for repeat in range(repeats + 1):
            # What ran before leaves its traces in caches, so no call always follows the same one.
            for place in rng.permutation(len(calls)):
                network, inputs = calls[place]
                with evaluating(network):
                    begin = time.perf_counter()
                    network(inputs)
                    times[repeat, place] = time.perf_counter() - begin
            if look is not None and repeat and not look(repeat, repeats):
                return None
    found: NDArray[np.float64] = np.quantile(times[1:], [0.25, 0.5, 0.75], axis=0).T
    return found


def measurement(run: Run, place: Workplace, measure: Callable[[Look], Payload | None]) -> RunResult:
    """Return the result of a run that measures and does not train.

    Args:
        run: On how many threads.
        place: Who receives progress, and may stop it.
        measure: Returns what was measured; None where the function that it is given returned false.
    """
    begun, environment = time.perf_counter(), environment_of(device_of(run.settings), run.settings.threads)
    if place.should_stop is not None and place.should_stop():
        return _cancelled(environment)

    def look(repeat: int, repeats: int) -> bool:
        if place.progress is not None:
            place.progress(repeat, repeats, {})
        return repeat == repeats or place.should_stop is None or not place.should_stop()

    with threads(run.settings.threads):
        payload = measure(look)
    if payload is None:
        return _cancelled(environment)
    return RunResult(
        state=RunState.DONE,
        seconds=time.perf_counter() - begun,
        environment=environment,
        payload=payload.model_dump(mode="json"),
    )


def _cancelled(environment: Environment) -> RunResult:
    return RunResult(state=RunState.CANCELLED, sentence="Cancelled.", environment=environment)
