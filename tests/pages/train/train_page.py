"""What an open Train page shows, and results as a host leaves them."""

import json
import re

import pandas as pd

from core.runs.result import CurvePoint, Environment, RunResult, RunState

METRICS = {"*shape*": ("accuracy",), "far": ("error", "δ < 1.25"), "facing": ("angle",)}


def result(run_key: str, names, state=RunState.DONE, sentence="") -> RunResult:
    metrics = {
        split: {name: {metric: 0.5 + int(run_key[:4], 16) / 2**18 for metric in METRICS[name]} for name in names}
        for split in ("validation", "test")
    }
    return RunResult(
        state=state,
        sentence=sentence,
        metrics=metrics if state is RunState.DONE else {},
        curve=tuple(CurvePoint(step=s, losses=dict.fromkeys(names, 1.0 / s)) for s in (1, 2, 3)),
        steps=3,
        seconds=2.0,
        environment=Environment(device="cpu", machine="a test", threads=1, versions={}),
    )


def button(at, label):
    (found,) = [each for each in at.button if re.fullmatch(label, each.label.strip("*"))]
    return found


def said(at):
    kinds = (at.error, at.warning, at.info, at.caption, at.markdown)
    return " ".join(e.value for kind in kinds for e in kind).replace("\\", "")


def price(at):
    return {metric.label: metric.value for metric in at.metric}


def press(at):
    button(at, r"Train \d+ runs?").click().run()
    assert not at.exception
    return at


def table(at) -> dict:
    (found,) = [
        element.proto
        for element in at.main
        if getattr(getattr(element, "proto", None), "component_name", "") == "branchwise.runs_table"
    ]
    return json.loads(found.json)


def jobs(at) -> pd.DataFrame:
    return pd.DataFrame(table(at)["rows"])


def choose(at, *keys: str):
    """Choose runs as the table does."""
    before = table(at)["chosen"]["count"]
    at.session_state["chosen_runs"], at.session_state["chosen_runs_count"] = list(keys), before + 1
    at.run()
    assert not at.exception
    return at
