"""Files of trained weights that say which run made them and what they reached."""

import json
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, ValidationError

from core.bounded_number import Value
from core.runs.result import Environment, RunResult, Split

# In the metadata of a safetensors file, which are texts by name.
ORIGIN: Final = "branchwise"
_METADATA: Final = "__metadata__"
_LENGTH_BYTES: Final = 8
_ALIGNED: Final = 8
_MAX_HEADER: Final = 20_000_000


class Origin(BaseModel):
    """What trained weights are.

    Args:
        key: Of the run that made them.
        metrics: Split → task → metric → value, measured with these very weights.
        environment: Where they were trained.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    key: str
    metrics: dict[Split, dict[str, dict[str, Value]]]
    environment: Environment


def with_origin(content: bytes, key: str, result: RunResult) -> bytes:
    """Return a safetensors file that says what it is; its tensors and other metadata stay as they are.

    Args:
        content: Of the file.
        key: Of the run that made it.
        result: What the run measured with these weights.
    """
    start = _LENGTH_BYTES + int.from_bytes(content[:_LENGTH_BYTES], "little")
    header = json.loads(content[_LENGTH_BYTES:start])
    origin = Origin(key=key, metrics=result.metrics, environment=result.environment)
    header[_METADATA] = {**header.get(_METADATA, {}), ORIGIN: origin.model_dump_json()}
    written = json.dumps(header, separators=(",", ":")).encode()
    # Tensors begin at a multiple of eight bytes.
    written += b" " * (-len(written) % _ALIGNED)
    return len(written).to_bytes(_LENGTH_BYTES, "little") + written + content[start:]


def origin_of(path: Path) -> Origin | None:
    """Return what a safetensors file says it is; None where it says nothing, is damaged or missing."""
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(_LENGTH_BYTES), "little")
            if length > _MAX_HEADER:
                return None
            header: Any = json.loads(file.read(length))
        return Origin.model_validate_json(header[_METADATA][ORIGIN])
    except (OSError, ValueError, KeyError, TypeError, RecursionError, ValidationError):
        return None
