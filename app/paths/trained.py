"""Networks that were trained with an assignment's exits, beside the paper's order with the same loss."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from app.jobs.train_link import choose_exits_to_train
from app.paths.scores import loss_words
from app.ui.formatting import ONE_SEED, escape, half_away, listed, minus, plural, subtracting_digits
from app.ui.paths import PAGES
from app.ui.seed_means import Array, Mean
from core.families.multipath.place import spread
from core.families.multipath.results import MultiPathResults, PathScores


@dataclass(frozen=True, slots=True)
class Comparison:
    """One network with an assignment's exits against the paper's order, on the test split.

    Args:
        name: Of the network.
        loss: What it learned from.
        reached: Its mean Δ.
        usual: That of the paper's order with the same loss; None where no such network is requested.
        better: Difference seed by seed; None without such a network.
        predicted: Mean Δ of the same exits in the matrix network.
    """

    name: str
    loss: str
    reached: Mean
    usual: Mean | None
    better: Mean | None
    predicted: Mean


def paper_order(results: MultiPathResults) -> tuple[int, ...]:
    """Return the exits of the tasks in the paper's order: one after another, the last at the last exit."""
    return spread(len(results.tasks), len(results.exit_names))


def comparisons(results: MultiPathResults, exits: Sequence[int]) -> list[Comparison]:
    """Return the trained networks whose tasks leave at these exits, each beside the paper's order.

    Args:
        results: Of the study.
        exits: Number of the exit of each task.
    """
    found = []
    for network in results.networks:
        reached = Mean.of(_per_seed(network))
        if network.assign != tuple(exits) or not reached.n_seeds:
            continue
        usual = next((each for each in results.networks if _is_usual(each, network, results)), None)
        better = None
        if usual is not None and usual is not network:
            better = Mean.of(_per_seed(network) - _per_seed(usual))
        found.append(
            Comparison(
                network.name,
                loss_words(network.loss),
                reached,
                None if usual is None else Mean.of(_per_seed(usual)),
                better,
                _predicted(results, exits),
            )
        )
    return found


def _is_usual(usual: PathScores, network: PathScores, results: MultiPathResults) -> bool:
    return (usual.assign, usual.loss, usual.weighting) == (paper_order(results), network.loss, network.weighting)


def _per_seed(network: PathScores) -> Array:
    found: Array = network.gains["test"].mean(axis=1)
    return found


def _predicted(results: MultiPathResults, exits: Sequence[int]) -> Mean:
    if results.matrix is None:
        return Mean.of([])
    gains = results.matrix.gains["test"]
    return Mean.of(np.mean([gains[:, task, exit_] for task, exit_ in enumerate(exits)], axis=0))


def comparison_sentence(found: Comparison) -> str:
    """Return what was reached, predicted and compared, for Markdown."""
    usual = found.reached.value if found.usual is None else found.usual.value
    digits = subtracting_digits([(found.reached.value, usual)])
    words = [
        f"Trained with these exits (**{escape(found.name)}**, {escape(found.loss)}): mean Δ "
        f"**{found.reached.in_digits(digits)}**, {found.predicted.written} in the network with all exits."
    ]
    if found.better is not None and found.usual is not None:
        words.append(f"The paper's order with the same loss: {found.usual.in_digits(digits)}.")
        if found.better.n_seeds:
            words.append(_difference(found.better, digits))
    elif found.usual is not None:
        words.append("These exits are the paper's order.")
    return " ".join(words).replace(" %", "\u00a0%")


def _difference(better: Mean, digits: int) -> str:
    points = minus(f"{half_away(better.value):+.{digits}f}")
    if better.interval is None:
        return f"Difference {points} points ({ONE_SEED})."
    low, high = better.interval
    noise = ", within noise" if low <= 0 <= high else ""
    return f"Difference {points} ± {better.half:.{digits}f} points over {plural(better.n_seeds, 'seed')}{noise}."


def show_trained(results: MultiPathResults, exits: tuple[int, ...]) -> None:
    """Show what training with an assignment's exits gave, or that it was not done.

    Args:
        results: Of the study.
        exits: Number of the exit of each task.
    """
    found = comparisons(results, exits)
    for each in found:
        st.markdown(comparison_sentence(each))
    if not found:
        st.markdown("No network is trained with exactly these exits, so this gain is predicted, not measured.")


def train_button(results: MultiPathResults, exits: tuple[int, ...]) -> None:
    """Show the button that opens Train with an assignment's exits.

    Args:
        results: Of the study.
        exits: Number of the exit of each task.
    """
    order = listed([f"{task.name} at {exit_ + 1}" for task, exit_ in zip(results.tasks, exits, strict=True)])
    if st.button(
        "Train with these exits",
        icon=":material/play_arrow:",
        key="train-exits",
        on_click=choose_exits_to_train,
        args=(exits,),
        help=escape(
            f"Opens Train with {order}: {plural(len(results.seeds), 'seed')}, beside the paper's order with the same "
            "loss. Train says what is new and how long it takes."
        ),
    ):
        st.switch_page(PAGES / "train.py", query_params={})
