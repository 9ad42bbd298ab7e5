"""Measuring a switch on this machine: submitted here, run by the jobs host like every run."""

import time

from app.jobs.measurement import Measurement, show_measurement
from app.storage.evidence import own_switchings
from app.storage.response_model import backbone_expression
from app.ui.formatting import count
from core.families.switching.runs import SwitchingRun
from core.families.treednn.costs import CutBackbone
from core.studies.study import Study

_UNKNOWN = (
    "The profile doesn't say how this network is made, so it can't be timed here. Choose a backbone from the list above"
)
# A profile may have a longer one; the run is known by its blocks.
_LONGEST_NAME = 120


def show_measure(cut_backbone: CutBackbone, study: Study) -> None:
    """Show the button that measures the backbone and cut of the page, and the progress of a measurement.

    Args:
        cut_backbone: What to measure.
        study: The measurement is one of its runs.
    """
    expression = backbone_expression(cut_backbone.backbone)
    show_measurement(
        Measurement(
            study.name,
            SwitchingRun.kind,
            lambda: _run(cut_backbone, expression),
            "Writes trunk and branches with random weights to disk, measures the response time, and removes them",
            "" if expression else _UNKNOWN,
            _done_words(study.name),
        )
    )


def _done_words(name: str) -> str:
    n = len(own_switchings(name))
    if n:
        return f"{count(n)} measurement{'' if n == 1 else 's'} on this machine shown below."
    return "Takes seconds to minutes. For a deployed TreeDNN there is the command branchwise switch FOLDER."


def _run(case: CutBackbone, expression: str) -> SwitchingRun:
    backbone = case.backbone
    height, width = backbone.input_shape[1:] if len(backbone.input_shape) == 3 else (224, 224)
    return SwitchingRun(
        backbone=backbone.name[:_LONGEST_NAME],
        builder=expression,
        size=(height, width),
        params=tuple(block.params for block in backbone.blocks),
        cut=case.cut,
        n_branches=case.n_branches,
        asked=int(time.time()),
    )
