"""Overview of a study with published methods: what each of them reached."""

import numpy as np
import pandas as pd
import streamlit as st

from app.families.rivals.steps import steps_sentence
from app.ui.formatting import ONE_SEED, amount, escape, minus, percent, plural
from app.ui.glossary import explain
from app.ui.paths import PAGES
from app.ui.written_table import show_written
from core.costs import CostQuestion, Unit
from core.families.multipath.results import MultiPathResults
from core.families.rivals.points import mean_cost
from core.families.rivals.results import RivalResults
from core.plane.interval import t_interval
from core.studies.study import Study

_NONE = float("nan")


def show_overview(study: Study) -> None:
    """Show the mean Δ of each trained method on the test split, and what its network stores and computes."""
    results = study.result(RivalResults)
    if results is None:
        return
    with st.container(border=True):
        st.markdown("**Published methods** on the same data", help=explain("rivals"))
        frame = methods_frame(results, study)
        if frame.empty:
            st.markdown("None is trained with its single-task networks yet, so nothing is compared.")
        else:
            st.markdown(
                f"Mean Δ against single-task networks, test split, equal task weights; {_sure(results)}. Costs are "
                f"those of all tasks, without heads. {steps_sentence(results)}"
            )
            show_written(
                frame,
                {
                    "mean Δ": percent,
                    "parameters stored": lambda value: amount(value, Unit.PARAMETERS),
                    "MACs, all tasks": lambda value: amount(value, Unit.MACS),
                },
                hide_index=True,
                placeholder="–",
                alt="Mean gain and cost of each published method",
            )
            for sentence in kept_sentences(results):
                st.markdown(sentence)
        with st.container(horizontal=True):
            if study.result(MultiPathResults) is not None:
                st.page_link(
                    PAGES / "paths.py", label="Beside the multi-path networks", icon=":material/conversion_path:",
                    query_params={"section": "networks"},
                )  # fmt: skip
            st.page_link(
                PAGES / "train.py", label="Train", icon=":material/play_arrow:", query_params={"what": "rivals"}
            )


def methods_frame(results: RivalResults, study: Study) -> pd.DataFrame:
    """Return one row for each method with a complete seed: mean Δ with its interval, seeds, and costs."""
    rows = []
    for method in results.methods:
        per_seed = _per_seed(method.gains["test"])
        if not len(per_seed):
            continue
        ends = t_interval(per_seed)
        costs = [
            mean_cost(method.payloads, study.backbone, question, unit)
            for question, unit in ((CostQuestion.STORED, Unit.PARAMETERS), (CostQuestion.ALL_TASKS, Unit.MACS))
        ]
        stored, macs = (_NONE if cost is None else cost for cost in costs)
        rows.append(
            {
                "method": method.title, "mean Δ": sum(per_seed) / len(per_seed),
                "90 % interval": None if ends is None else " to ".join(map(percent, ends)), "seeds": len(per_seed),
                "parameters stored": stored, "MACs, all tasks": macs,
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def kept_sentences(results: RivalResults) -> list[str]:
    """Return what tasks that were learned in a sequence still reach at its end, one sentence for each such method.

    Tasks are only added up where all have one first metric; the last task, which nothing follows, does not count.
    """
    names = {task.metrics[0].name for task in results.tasks}
    found = []
    for method in results.methods:
        stages = method.stages.get("test", np.empty((0, 0, 0)))
        if len(names) != 1 or not stages.shape[1] or not np.isfinite(stages[:, -1]).all(axis=1).any():
            continue
        complete = stages[np.isfinite(stages[:, -1]).all(axis=1)]
        # What a task reached after its own turn, and after the last one.
        then = float(np.diagonal(complete, axis1=1, axis2=2)[:, :-1].mean())
        now = float(complete[:, -1, :-1].mean())
        written, kept = (minus(f"{value:.3f}") for value in (then, now))
        found.append(
            f"{method.title}: mean {escape(*names)} of all tasks but the last {written} after each was learned, "
            f"{kept} after all were."
        )
    return found


def _per_seed(gains: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> list[float]:
    found: list[float] = gains[np.isfinite(gains).all(axis=1)].mean(axis=1).tolist()
    return found


def _sure(results: RivalResults) -> str:
    most = max(len(_per_seed(method.gains["test"])) for method in results.methods)
    return ONE_SEED if most == 1 else f"90 % intervals over up to {plural(most, 'seed')}"
