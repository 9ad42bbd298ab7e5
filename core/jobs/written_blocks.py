"""The source of a backbone's blocks, written by a process with torch."""

from core.backbones.source import BlockSource
from core.errors import BackboneError
from core.jobs.torch_process import answer_of
from core.runs.settings import BackboneSpecification
from core.studies.code_permission import Roots

# By name: only the process started here imports torch.
WRITE = "core.networks.block_source"
PATIENCE = 300


def written_blocks(
    backbone: BackboneSpecification, size: tuple[int, int], code: Roots | None = None
) -> BlockSource | None:
    """Return the source of the blocks of a backbone; None for this project's own, whose source is known as text.

    Args:
        backbone: Of a study.
        size: Height and width of its pictures.
        code: Folders that its author's code may be imported from; None where it may not be.

    Raises:
        BackboneError: The backbone can't be made or written down.
    """
    if not backbone.is_traced:
        return None
    found = answer_of(
        WRITE,
        {"backbone": backbone.model_dump(mode="json"), "size": list(size), "code": code},
        patience=PATIENCE,
        variables={},
        error=BackboneError,
        late=f"The backbone was not written after {PATIENCE} s. Try again when less is running.",
        failed="The source of the backbone could not be written.",
    )
    return BlockSource(tuple(found["imports"]), found["text"], found["start"], tuple(found["needs"]))
