"""What a study file may request of layouts on a backbone of another width."""

from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field

from core.errors import BranchwiseError
from core.layouts import Layout
from core.runs.backbone_specification import SMALL_RESIDUAL
from core.runs.frozen import Frozen
from core.studies.fields import Seeds, as_tuple
from core.studies.specification import StudySpecification

MOST_WIDTHS = 20


class WidenedRequest(Frozen):
    """A layout on backbones of other widths, as a control: are more channels better than more branches?

    Args:
        seeds: One training of everything for each.
        widths: Channels of the first block, as ``width`` below ``[backbone]``, which has its own.
        layout: In text or JSON form; all blocks shared where left out.

    Reference:
        Vandenhende et al., Branched Multi-Task Networks, BMVC 2020, §4: networks are compared at equal numbers of
        parameters.
    """

    words: ClassVar[str] = "the layouts of other widths"

    seeds: Seeds = (0,)
    widths: Annotated[
        tuple[Annotated[int, Field(ge=2, le=256, strict=True)], ...],
        BeforeValidator(as_tuple),
        Field(min_length=1, max_length=MOST_WIDTHS),
    ]
    layout: str = Field(default="", max_length=20_000)

    def sharing(self, study: StudySpecification) -> Layout:
        """Return the layout as a value.

        Raises:
            LayoutError: The text is none of the study's tasks.
        """
        n_tasks, n_blocks = len(study.tasks), study.backbone.blocks
        return Layout.parse(self.layout, study.tasks) if self.layout else Layout.all_shared(n_tasks, n_blocks)


def request_fault(study: StudySpecification) -> str | None:
    """Return the error in the widths that a study requests, as a sentence; None if there is none."""
    request = study.requested(WidenedRequest)
    if request is None:
        return None
    if study.backbone.name != SMALL_RESIDUAL:
        return (
            f'[widened] changes the width of the backbone "{SMALL_RESIDUAL}", and this study has '
            f'"{study.backbone.name}". Leave [widened] out'
        )
    if study.backbone.weights is not None:
        return "[widened] has no pretrained weights for another width. Leave one of the two out"
    if study.backbone.width in request.widths:
        return (
            f"widened.widths holds {study.backbone.width}, the width of the backbone itself. "
            "Train that as a layout below [oracle]"
        )
    if len({*request.widths}) < len(request.widths):
        return "widened.widths names one width twice. Name each once"
    try:
        layout = request.sharing(study)
    except BranchwiseError as fault:
        return f"widened.layout: {fault}"
    if (layout.n_tasks, layout.n_blocks) != (len(study.tasks), study.backbone.blocks):
        return (
            f"widened.layout has {layout.n_tasks} tasks and {layout.n_blocks} blocks, and the study {len(study.tasks)} "
            f"tasks and {study.backbone.blocks} blocks. Write the same numbers"
        )
    return None


def count_trainings(study: StudySpecification) -> int:
    """Return how many networks are requested at most, single-task networks included."""
    request = study.requested(WidenedRequest)
    return 0 if request is None else len(request.seeds) * len(study.tasks) * (len(request.widths) + 1)


def width_name(width: int) -> str:
    """Return what a network of some width is called."""
    return f"width {width}"
