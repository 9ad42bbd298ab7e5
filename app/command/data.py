"""``branchwise data``: what a data set holds and what its labels are taken for, before anything is trained."""

from pathlib import Path
from typing import Any

import click

from app.command.output import aligned, json_option, say, write_json
from core.data.folder import folder_facts, folder_of
from core.data.label_columns import ColumnFacts
from core.data.labels_file import LabelsFile, read_labels
from core.data.preview import describe
from core.errors import DataError, StudyError
from core.own_code.permission import permitted
from core.regular_file import bounded_bytes
from core.studies.dataset_specification import ArraysSpecification, FolderSpecification, InFolder
from core.studies.several_specification import DatasetSpecification, SeveralSpecification
from core.studies.specification import study_from_document
from core.toml_text import TomlError, read_toml

_MAX_TOML = 1_000_000
_MOST_VALUES = 5


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@json_option
def data(path: Path, as_json: bool) -> None:
    """Print what a data set holds: tasks with their kinds, counts, what one answer for everything reaches, examples.

    PATH is a folder of images, a TOML file that describes arrays, or a study file, whose data set is looked at.
    Code of your own that the study file names is run.
    """
    # Who names a study file here owns it, and the code that it names.
    with permitted((path.absolute().parent.resolve(), Path.cwd())):
        found = [_looked_at(each) for each in _datasets(path)]
    if as_json:
        write_json({"data": found})
        return
    for each in found:
        _show(each)


def _datasets(path: Path) -> list[DatasetSpecification]:
    if path.is_dir():
        return [FolderSpecification(name="folder", path=str(path.absolute()))]
    try:
        document = read_toml(bounded_bytes(path, _MAX_TOML))
    except OSError as fault:
        raise DataError(f"{path} can't be read: {fault.strerror}. Name a folder of images or a TOML file.") from None
    except TomlError as fault:
        raise StudyError(f"{path.name} {fault}.") from None
    if "dataset" not in document:
        return [ArraysSpecification(name="arrays", path=str(path.absolute()))]
    asked = study_from_document(document, path.name).dataset
    sets = [each.dataset for each in asked.sets] if isinstance(asked, SeveralSpecification) else [asked]
    return [
        each.model_copy(update={"path": str(path.absolute().parent / Path(each.path).expanduser())})
        if isinstance(each, InFolder)
        else each
        for each in sets
    ]


def _looked_at(asked: DatasetSpecification) -> dict[str, Any]:
    """Return what a data set holds as plain values."""
    found: dict[str, Any] = {"name": asked.name, "path": getattr(asked, "path", "")}
    if isinstance(asked, FolderSpecification):
        labels, facts = read_labels(folder_of(asked.path)), folder_facts(asked)
        found |= {
            "file": labels.name,
            "pictures": len(labels.files),
            "columns": [_column(each) for each in facts],
            "examples": _examples(labels),
            "remarks": list(labels.remarks),
        }
        if any(each.question for each in facts):
            return found
    seen = describe(asked, n=1)
    found |= {"splits": dict(seen.sizes), "size": list(seen.picture_size), "warnings": list(seen.warnings)}
    found["tasks"] = [
        {
            "name": task.name,
            "kind": task.kind.value,
            "outputs": task.n_outputs,
            "metrics": [metric.name for metric in task.metrics],
            "labelled": dict(seen.labelled[task.name]),
        }
        for task in seen.tasks
    ]
    return found


def _column(facts: ColumnFacts) -> dict[str, Any]:
    return {
        "name": facts.name,
        "kind": None if facts.kind is None else facts.kind.value,
        "choices": [kind.value for kind in facts.choices],
        "labelled": facts.n_labelled,
        "missing": facts.n_missing,
        "values": len(facts.counts),
        "most_frequent": [{"value": value, "count": times} for value, times in facts.counts[:_MOST_VALUES]],
        "baseline": facts.baseline,
        "holds": facts.summary,
        "question": facts.question,
    }


def _examples(labels: LabelsFile) -> list[dict[str, str]]:
    first = list(range(min(3, len(labels.files))))
    return [
        {"file": labels.files[row], **{name: cells[row] for name, cells in labels.columns.items()}} for row in first
    ]


def _show(found: dict[str, Any]) -> None:
    pictures = found.get("pictures", sum(found.get("splits", {}).values()))
    source = f" ({found['file'] or 'folders are classes'})" if "file" in found else ""
    say(f"{found['path'] or found['name']}{source}: {pictures:,} images")
    if columns := found.get("columns"):
        rows = [
            [
                each["name"],
                each["kind"] or ("?" if each["question"] else "no task"),
                f"{each['labelled']:,}",
                f"{each['missing']:,}",
                each["holds"],
            ]
            for each in columns
        ]
        say(aligned(["column", "kind", "labelled", "missing", "holds"], rows, left=[0, 1, 4]))
    elif tasks := found.get("tasks"):
        rows = [
            [each["name"], each["kind"], f"{each['outputs']:,}", f"{each['labelled']['train']:,}"] for each in tasks
        ]
        say(aligned(["task", "kind", "outputs", "labelled in training"], rows, left=[0, 1]))
    for example in found.get("examples", []):
        say("Example: " + ", ".join(f"{name} {value or '(missing)'}" for name, value in example.items()))
    if splits := found.get("splits"):
        say("Splits: " + ", ".join(f"{n:,} {split}" for split, n in splits.items()))
    for sentence in dict.fromkeys([*found.get("remarks", []), *found.get("warnings", [])]):
        say(f"Note: {sentence}")
    for each in found.get("columns", []):
        if each["question"]:
            say(f"Question: {each['question']}")
