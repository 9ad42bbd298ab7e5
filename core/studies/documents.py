"""How tasks, backbones, galleries and tables are written down: JSON and NPZ, never pickle."""

import io
import json
import math
import zipfile
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from core.affinity import Similarity
from core.backbones import Backbone
from core.backbones.profile_file import read_profile
from core.bounded_array import read_array
from core.bounded_zip import DAMAGE, read_zip
from core.errors import DamageError, printable
from core.estimators import TwoTaskTable
from core.studies.study import Gallery
from core.tasks import LARGEST_ERROR, Kind, Metric, Task
from core.value_fault import fault_words

MAX_UNPACKED = 80_000_000  # bytes; arrays hardly compress, and an archive has at most 50 MB
MAX_MEMBERS = 200
# Numbers, texts, lists and objects of one JSON document; a study of 200 runs has 20,000.
MAX_VALUES = 2_000_000
LARGEST = LARGEST_ERROR
MAX_EXAMPLES = 100
MAX_SIDE = 4096
MAX_DEPTHS = 1000
SIMILARITY_DIGITS = 6
MAX_LABEL = 200  # characters of what is right for one example


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class _MetricDocument(_Document):
    name: Annotated[str, Field(min_length=1, max_length=80)]
    higher_is_better: bool
    unit: Annotated[str, Field(max_length=20)] = ""


class _TaskDocument(_Document):
    name: str
    kind: Kind
    metrics: Annotated[tuple[_MetricDocument, ...], Field(max_length=40)]
    n_outputs: Annotated[int, Field(ge=1, le=100_000)]
    mean: Annotated[tuple[Annotated[float, Field(ge=-LARGEST, le=LARGEST)], ...], Field(max_length=10_000)] = ()
    std: Annotated[tuple[Annotated[float, Field(gt=0, le=LARGEST)], ...], Field(max_length=10_000)] = ()


class _SimilarityDocument(_Document):
    seed: Annotated[int, Field(ge=0, lt=2**31)]
    n_pictures: Annotated[int, Field(ge=1, lt=2**31)]
    # Rounded, a little beyond 1 is possible; the similarity itself is stricter.
    values: Annotated[list[list[list[Annotated[float, Field(ge=-2, le=2)]]]], Field(max_length=MAX_DEPTHS)]


_LABELS = "labels"
_Label = Annotated[str, Field(max_length=MAX_LABEL)]
_GALLERY_LABELS = TypeAdapter(Annotated[dict[str, tuple[_Label, ...]], Field(max_length=40)])
_TASKS = TypeAdapter(Annotated[tuple[_TaskDocument, ...], Field(max_length=40)])


def read_json(text: str | bytes, what: str) -> Any:  # noqa: ANN401  # any decoded document
    """Return a decoded JSON document that holds neither NaN nor infinity, and only text that can be written again.

    Raises:
        DamageError: It is no JSON, is nested too deeply, holds too many values, NaN, or halves of characters.
    """

    def refuse(word: str) -> None:
        raise DamageError(f"{what} holds {word[:20]}, which is no number that can be stored.")

    def finite(word: str) -> float:
        value = float(word)
        if math.isinf(value):
            refuse(word)
        return value

    try:
        text = text if isinstance(text, str) else text.decode()
        # A value takes a hundred bytes where it was written in two.
        if (n_values := sum(map(text.count, ",[{"))) > MAX_VALUES:
            raise DamageError(f"{what} holds about {n_values:,} values; at most {MAX_VALUES:,} are read.")
        document = json.loads(text, parse_constant=refuse, parse_float=finite)
        if "\\ud" in text or "\\uD" in text:
            write_json(document).encode()
    except (ValueError, RecursionError):
        raise DamageError(f"{what} is not valid JSON.") from None
    return document


def write_json(document: object) -> str:
    """Return compact JSON with sorted keys."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def tasks_document(tasks: Sequence[Task]) -> list[dict[str, Any]]:
    """Return tasks as plain values for JSON."""
    return [
        {
            "name": task.name,
            "kind": task.kind.value,
            "n_outputs": task.n_outputs,
            "metrics": [{"name": m.name, "higher_is_better": m.higher_is_better, "unit": m.unit} for m in task.metrics],
            **({"mean": list(task.mean), "std": list(task.std)} if task.std else {}),
        }
        for task in tasks
    ]


def read_tasks(document: object) -> tuple[Task, ...]:
    """Return the tasks written by ``tasks_document``.

    Raises:
        DamageError: The document has another form.
        DataError: A task's name or metrics are unusable.
    """
    try:
        found = _TASKS.validate_python(document)
    except ValidationError as fault:
        raise DamageError(f"The tasks can't be read: {first_fault(fault)}.") from None
    return tuple(
        Task(
            t.name,
            t.kind,
            tuple(Metric(m.name, m.higher_is_better, m.unit) for m in t.metrics),
            t.n_outputs,
            t.mean,
            t.std,
        )
        for t in found
    )


def similarity_document(similarity: Similarity) -> dict[str, Any]:
    """Return the similarity of tasks as plain values for JSON, to six digits after the point."""
    return {
        "seed": similarity.seed,
        "n_pictures": similarity.n_pictures,
        "values": similarity.values.round(SIMILARITY_DIGITS).tolist(),
    }


def read_similarity(document: object, n_tasks: int, n_blocks: int) -> Similarity:
    """Return the similarity written by ``similarity_document``.

    Args:
        document: The decoded JSON.
        n_tasks: Tasks of the study.
        n_blocks: Blocks of its backbone; the similarity has one depth for each.

    Raises:
        DamageError: The document has another form.
        AffinityError: The values are no similarity of as many tasks and blocks.
    """
    try:
        found = _SimilarityDocument.model_validate(document)
        values = np.array(found.values, dtype=np.float64)
    except ValidationError as fault:
        raise DamageError(f"The similarity of tasks can't be read: {first_fault(fault)}.") from None
    except ValueError:
        raise DamageError("The similarity of tasks has rows of different lengths.") from None
    similarity = Similarity(values, found.seed, found.n_pictures)
    similarity.check_fits(n_tasks, n_blocks)
    return similarity


def read_backbone(document: object) -> Backbone:
    """Return the backbone of a decoded profile.

    Raises:
        BackboneError: The document is no profile.
    """
    return read_profile(write_json(document))


def first_fault(fault: ValidationError) -> str:
    """Return the first fault pydantic found, with where it is, in a few words."""
    error = fault.errors(include_url=False)[0]
    where = printable(".".join(map(str, error["loc"])), 120)
    message = fault_words(error)
    it = "it " if message.startswith(("should", "has ", "is ")) else ""
    return f'"{where}" {message}' if where else f"{it}{message}"


def gallery_npz(gallery: Gallery) -> bytes:
    """Return a gallery as NPZ: ``input``, one ``target:NAME`` per dense task, and ``labels`` where there are some."""
    arrays = {"input": gallery.inputs, **{f"target:{name}": pictures for name, pictures in gallery.targets.items()}}
    if gallery.labels:
        text = write_json({name: list(found) for name, found in gallery.labels.items()})
        arrays[_LABELS] = np.frombuffer(text.encode(), dtype=np.uint8)
    return write_npz(arrays)


def read_gallery(data: bytes) -> Gallery:
    """Return the gallery written by ``gallery_npz``.

    Raises:
        DamageError: The file is no NPZ of uint8 pictures of one shape, or the labels are no short texts,
            one for each example.
    """
    arrays = read_npz(data, "The gallery")
    labels = _read_labels(arrays.pop(_LABELS, None))
    pictures = arrays.get("input")
    if pictures is None or pictures.ndim != 4 or pictures.shape[3] != 3:
        raise DamageError("The gallery has no input pictures of shape [n_examples, height, width, 3].")
    n_examples, *sides = pictures.shape[:3]
    if not 1 <= n_examples <= MAX_EXAMPLES or not all(1 <= side <= MAX_SIDE for side in sides):
        raise DamageError(
            f"The gallery has {n_examples} pictures of {sides[0]}×{sides[1]}; "
            f"it should have 1 to {MAX_EXAMPLES} of 1×1 to {MAX_SIDE}×{MAX_SIDE}."
        )
    if any(array.dtype != np.uint8 or array.shape != pictures.shape for array in arrays.values()):
        raise DamageError("The gallery should hold uint8 pictures of one shape.")
    targets = {name.removeprefix("target:"): a for name, a in arrays.items() if name.startswith("target:")}
    return Gallery(pictures, targets, labels)


def _read_labels(array: NDArray[Any] | None) -> dict[str, tuple[str, ...]]:
    # Galleries made before there were other data sets than scenes have none.
    if array is None:
        return {}
    try:
        return _GALLERY_LABELS.validate_python(read_json(array.tobytes(), "The gallery's labels"))
    except ValidationError as fault:
        raise DamageError(f"The gallery's labels can't be read: {first_fault(fault)}.") from None


def table_npz(table: TwoTaskTable) -> bytes:
    """Return a two-task table as NPZ: ``values``, and ``stderr`` and ``samples`` where known."""
    arrays = {"values": table.values, "stderr": table.stderr, "samples": table.samples}
    return write_npz({name: array for name, array in arrays.items() if array is not None})


def read_table(data: bytes, tasks: Sequence[str]) -> TwoTaskTable:
    """Return the table written by ``table_npz``; NaN is a hole.

    Raises:
        DamageError: The file is no NPZ of float64 arrays.
        TableError: The arrays are no two-task table of these tasks.
    """
    arrays = read_npz(data, "The table")
    if "values" not in arrays or any(array.dtype != np.float64 for array in arrays.values()):
        raise DamageError('The table should hold a float64 array "values".')
    if any(bool((np.abs(array) > LARGEST).any()) for array in arrays.values()):
        raise DamageError(f"The table holds a number beyond ±{LARGEST:g}; gains are in percent.")
    samples = arrays.get("samples")
    if samples is not None and not len(samples):
        raise DamageError("The table has gains of no seed.")
    table = TwoTaskTable(tuple(tasks), arrays["values"], arrays.get("stderr"), samples)
    if samples is not None and not _is_mean(table, TwoTaskTable.from_samples(tasks, samples)):
        raise DamageError("The gains of the table are not the means of those of its seeds.")
    return table


def _is_mean(table: TwoTaskTable, means: TwoTaskTable) -> bool:
    apart = ~np.eye(table.n_tasks, dtype=bool)
    one, other = table.values[apart], means.values[apart]
    return bool(np.allclose(one, other, rtol=1e-6, atol=1e-6, equal_nan=True))


def write_npz(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Return named arrays as a compressed NPZ; equal arrays give equal bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in sorted(arrays.items()):
            member = io.BytesIO()
            npy.write_array(member, np.ascontiguousarray(array), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), member.getvalue(), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def read_npz(data: bytes, what: str) -> dict[str, NDArray[Any]]:
    """Return the arrays of an NPZ file, unpacking at most 80 MB and no Python objects.

    Raises:
        DamageError: It is no NPZ, is too large, or an array's header does not fit its size.
    """
    try:
        members = read_zip(
            data, lambda _: MAX_UNPACKED, most_bytes=MAX_UNPACKED, most_members=MAX_MEMBERS, wanted=lambda _: True
        )
    except DAMAGE as fault:
        raise DamageError(f"{what} can't be read: {str(fault)[:200]}.") from None
    return {name.removesuffix(".npy"): _read_array(content, what) for name, content in members.items()}


def _read_array(data: bytes, what: str) -> NDArray[Any]:
    try:
        return read_array(data)
    except ValueError as fault:
        raise DamageError(f"{what} holds an array that can't be read: {fault}.") from None
