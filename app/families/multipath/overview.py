"""Overview of a study of multi-path networks: the best trained network, and where its tasks leave."""

from collections.abc import Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from app.ui.formatting import ONE_SEED, escape, listed, percent, plural
from app.ui.glossary import explain
from app.ui.paths import PAGES
from core.families.multipath.place import spread
from core.families.multipath.results import MultiPathResults, PathScores
from core.plane.interval import t_interval
from core.studies.study import Study


def show_overview(study: Study) -> None:
    """Show the best trained network of a study, chosen on validation and reported on test."""
    results = study.result(MultiPathResults)
    if results is None:
        return
    with st.container(border=True):
        st.markdown("**Multi-path networks**: one backbone with an exit for each task", help=explain("exit"))
        best = best_network(results)
        if best is None:
            st.markdown("No multi-path network is trained with its single-task networks yet, so nothing is compared.")
        else:
            st.markdown(best_sentence(best, results))
            if others := other_sentences(best, results):
                st.markdown(" ".join(others))
        with st.container(horizontal=True):
            st.page_link(
                PAGES / "paths.py", label="Exits, budget and networks", icon=":material/conversion_path:",
                query_params={},
            )  # fmt: skip
            st.page_link(PAGES / "train.py", label="Train", icon=":material/play_arrow:", query_params={})


def best_network(results: MultiPathResults, assign: Sequence[int] | None = None) -> PathScores | None:
    """Return the network with the largest mean Δ on validation; None where none has a complete seed.

    Args:
        results: Of the study.
        assign: Number of the exit of each task that the network should have; any where left out.
    """
    found = [
        (_mean(network), place)
        for place, network in enumerate(results.networks)
        if assign is None or network.assign == tuple(assign)
    ]
    known = [each for each in found if not np.isnan(each[0])]
    # Of equals the first.
    return results.networks[max(known, key=lambda each: (each[0], -each[1]))[1]] if known else None


def _mean(network: PathScores) -> float:
    """Return the mean Δ over seeds that are complete on both splits; NaN without one."""
    both = np.isfinite(network.gains["validation"]).all(axis=1) & np.isfinite(network.gains["test"]).all(axis=1)
    return float(network.gains["validation"][both].mean()) if both.any() else float("nan")


def best_sentence(network: PathScores, results: MultiPathResults) -> str:
    """Return what a network reached on the test split, for Markdown."""
    where = listed(
        [f"{task.name} at exit {exit_ + 1}" for task, exit_ in zip(results.tasks, network.assign, strict=True)]
    )
    gain, n_seeds = _reached(network.gains["test"])
    words = (
        f"Best on the validation split: **{escape(network.name)}**, {escape(where)}. On the test split its mean Δ "
        f"against single-task networks is {gain}; "
        f"{plural(n_seeds, 'seed')}, equal task weights, one of {plural(len(results.networks), 'network')}."
    )
    return words.replace(" %", "\u00a0%")


def other_sentences(best: PathScores, results: MultiPathResults) -> list[str]:
    """Return what the paper's order reached, and one network that answers a hierarchy's finest task, for Markdown."""
    sentences = []
    order = spread(len(results.tasks), len(results.exit_names))
    usual = best_network(results, order)
    if usual is not None and best.assign != order:
        gain, _ = _reached(usual.gains["test"])
        exits = ", ".join(str(exit_ + 1) for exit_ in order)
        sentences.append(f"In the paper's order (exits {exits}), **{escape(usual.name)}** is best: {gain}.")
    alone = results.fine_alone
    if alone is not None and np.isfinite(alone.gains["test"]).all(axis=1).any():
        gain, _ = _reached(alone.gains["test"])
        sentences.append(
            f"The single-task network of **{escape(results.tasks[alone.fine].name)}**, with all other answers read off "
            f"its own, reaches {gain}."
        )
    return [sentence.replace(" %", "\u00a0%") for sentence in sentences]


def _reached(gains: NDArray[np.float64]) -> tuple[str, int]:
    """Return a mean Δ with its interval, for Markdown, and over how many seeds.

    Args:
        gains: ``[n_seeds, n_tasks]``, one seed of them complete.
    """
    per_seed = gains[np.isfinite(gains).all(axis=1)].mean(axis=1)
    interval = t_interval(per_seed.tolist())
    sure = f"({ONE_SEED})"
    if interval is not None:
        sure = f"(90 % interval {percent(interval[0])} to {percent(interval[1])})"
        if interval[0] <= 0 <= interval[1]:
            sure += ", within noise of single-task networks"
    return f"**{percent(float(per_seed.mean()))}** {sure}", len(per_seed)
