"""The source of a backbone's blocks, written by a process with torch."""

import json
import os
import subprocess
import sys
from pathlib import Path

from core.backbones.source import BlockSource
from core.errors import BackboneError
from core.runs.settings import BackboneSpecification

# By name: only the process started here imports torch.
WRITE = "core.networks.block_source"
PATIENCE = 300


def written_blocks(backbone: BackboneSpecification, size: tuple[int, int]) -> BlockSource | None:
    """Return the source of the blocks of a backbone; None for this project's own, whose source is known as text.

    Args:
        backbone: Of a study.
        size: Height and width of its pictures.

    Raises:
        BackboneError: The backbone can't be made or written down.
    """
    if not backbone.is_traced:
        return None
    document = {"backbone": backbone.model_dump(mode="json"), "size": list(size)}
    try:
        done = subprocess.run(
            [sys.executable, "-m", WRITE],
            input=json.dumps(document),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            env=os.environ,
            cwd=Path(sys.prefix),
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise BackboneError(
            f"The backbone was not written after {PATIENCE} s. Try again when less is running."
        ) from None
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        raise BackboneError(lines[-1][:500] if lines else "The source of the backbone could not be written.")
    found = json.loads(done.stdout)
    return BlockSource(tuple(found["imports"]), found["text"], found["start"])
