"""Overview of a study of deep virtual networks: the best trained network, at its ends, and what it stores."""

import numpy as np
import streamlit as st

from app.ui.formatting import ONE_SEED, amount, escape, plural
from app.ui.glossary import explain
from app.ui.paths import PAGES
from app.ui.seed_means import Mean
from core.costs import Unit
from core.families.virtual.results import VirtualResults, VirtualScores
from core.studies.study import Study


def show_overview(study: Study) -> None:
    """Show the best trained network of a study, chosen on validation and reported on test."""
    results = study.result(VirtualResults)
    if results is None:
        return
    with st.container(border=True):
        st.markdown(
            "**Virtual networks**: one set of weights, with a network for every task and memory budget",
            help=explain("virtual network"),
        )
        best = best_network(results)
        if best is None:
            st.markdown("No virtual network is trained with its single-task networks yet, so nothing is compared.")
        else:
            st.markdown(" ".join([best_sentence(best, results), *storage_sentences(best, results)]))
        with st.container(horizontal=True):
            st.page_link(
                PAGES / "virtual.py", label="Levels, memory and orders", icon=":material/grid_view:", query_params={}
            )
            st.page_link(PAGES / "train.py", label="Train", icon=":material/play_arrow:", query_params={})


def best_network(results: VirtualResults) -> VirtualScores | None:
    """Return the jointly trained network with the largest mean Δ on validation, over all tasks and levels.

    Networks trained in sequence answer another question, and are the best only where nothing else is trained.

    Returns:
        None where no network has a complete seed.
    """
    known = [(_mean(network), -place) for place, network in enumerate(results.networks)]
    found = [each for each in known if not np.isnan(each[0])]
    jointly = [each for each in found if results.networks[-each[1]].training == "jointly"]
    # Of equals the first.
    return results.networks[-max(jointly or found)[1]] if found else None


def _mean(network: VirtualScores) -> float:
    """Return the mean Δ over seeds that are complete on both splits; NaN without one."""
    whole = [np.isfinite(network.gains[split]).all(axis=(1, 2)) for split in ("validation", "test")]
    both = whole[0] & whole[1]
    return float(network.gains["validation"][both].mean()) if both.any() else float("nan")


def best_sentence(network: VirtualScores, results: VirtualResults) -> str:
    """Return what a network reached on its first and its last level on the test split, for Markdown."""
    gains = network.gains["test"]
    first, last = _reached(gains[:, :, 0]), _reached(gains[:, :, -1])
    n_seeds = Mean.of(gains.mean(axis=(1, 2))).n_seeds
    alike = [each for each in results.networks if each.training == network.training]
    others = len(results.networks) - len(alike)
    words = (
        f"Best on the validation split over all tasks and levels: **{escape(network.name)}**. On the test split its "
        f"mean Δ against single-task networks is {last} on the last level, with all units, and {first} on the first; "
        f"{plural(n_seeds, 'seed')}, equal task weights{f', one of {len(alike)} networks' if len(alike) > 1 else ''}"
        f"{' (±: 90 % interval of the mean over seeds)' if n_seeds > 1 else ''}."
    )
    if others and network.training == "jointly":
        words += (
            f" {plural(others, 'other network')} learned the tasks one after another: what is kept is below *Sequence*."
        )
    return words.replace(" %", "\u00a0%")


def storage_sentences(network: VirtualScores, results: VirtualResults) -> list[str]:
    """Return what a network stores, beside one network for each task and level where those are trained."""
    payload = next(iter(network.payloads.values()), None)
    if payload is None:
        return []
    own = sum(record.params - record.shared_params for levels in payload.records for record in levels)
    stored = payload.shared_params + own
    # A network trained alone has the layers of the level, and so its parameters.
    separate = sum(record.params for levels in payload.records for record in levels)
    n = len(results.tasks) * results.n_levels
    return [
        f"It stores {amount(4 * stored, Unit.BYTES)} for {n} networks, heads included; one network for each task and "
        f"level would store {amount(4 * separate, Unit.BYTES)}, {separate / stored:.1f} times as much."
    ]


def _reached(gains: np.ndarray) -> str:
    """Return a mean Δ over tasks with its interval, for Markdown; ``[n_seeds, n_tasks]``."""
    found = Mean.of(gains.mean(axis=1))
    if found.interval is None:
        return f"**{found.written}** ({ONE_SEED})"
    low, high = found.interval
    return f"**{found.written}**{' (within noise)' if low <= 0 <= high else ''}"
