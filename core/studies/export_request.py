"""What ``branchwise module`` asks a family of networks for, and what the family wrote."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from core.costs import Unit
from core.errors import BudgetError, StudyError
from core.runs.backbone_specification import BackboneSpecification
from core.studies.bundled import bundled_studies, bundled_tree, keep_weights_command
from core.studies.home import made, write_whole
from core.studies.manifest import Manifest
from core.studies.network_files import PREDICT_FILE, files_in
from core.studies.record import StudyRecord

if TYPE_CHECKING:
    from core.studies.database import Database

CHOICES: Final = ("layout", "budget", "unit", "task", "exit", "level", "network")


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """A trained network to write to a folder.

    Args:
        database: Where the study is.
        study: Its name.
        folder: Where the files go.
        layout: Which layout, as text; None for the recommended one.
        budget: Within which budget it is recommended, as text; None for no limit.
        unit: Unit of the budget's cost; None for the study's first.
        task: Whose path or level.
        exit: Name of the path's exit; None for the one that the network assigns.
        level: Which level, from 0; None for the last.
        network: Which network of the study, by name; None for the first.
        onnx: Whether an ONNX file is written, too.
    """

    database: "Database"
    study: str
    folder: Path
    layout: str | None = None
    budget: str | None = None
    unit: Unit | None = None
    task: str | None = None
    exit: str | None = None
    level: int | None = None
    network: str | None = None
    onnx: bool = False

    def check_chosen_by(self, *choices: str, why: str) -> None:
        """Check that nothing is chosen but what a family's networks are chosen by.

        Args:
            choices: Those of ``CHOICES`` that say something.
            why: Why the others don't, as the start of a sentence.

        Raises:
            BudgetError: Another one is given.
        """
        given = [f"--{name}" for name in CHOICES if name not in choices and getattr(self, name) is not None]
        if given:
            raise BudgetError(f"{why}. Leave {', '.join(given)} out, or choose another --family.")

    def record(self) -> StudyRecord:
        """Return what is stored of the study.

        Raises:
            StudyError: There is no such study here, or it is a bundled one that nobody trained on this machine.
        """
        if self.study in bundled_studies() and not self.database.has_study(self.study):
            raise StudyError(
                f'The bundled study "{self.study}" holds no trained weights. Train it on this machine with: '
                f"{keep_weights_command(self.study)}{_written_already(self.study)}."
            )
        return self.database.record(self.study)

    def write(self, manifest: Manifest, files: Mapping[str, bytes]) -> "Written":
        """Write files to the folder, the manifest last.

        Args:
            manifest: What lists the files.
            files: Name → content.

        Raises:
            StudyError: The folder holds a manifest of something else.
        """
        self.check_free()
        for name, content in files.items():
            write_whole(made(self.folder, shared=True) / name, content, shared=True)
        return Written(
            [{"path": f.path, "bytes": f.bytes, "sha256": f.sha256} for f in manifest.files],
            tuple(f"{f.path}  {f.bytes / 1e6:.2f} MB" for f in manifest.files),
        )

    def way_to_answers(self, backbone: BackboneSpecification) -> str:
        """Return how pictures are answered with what was written, and what of the user's own has to be put beside it.

        Args:
            backbone: Of the study.
        """
        command = f"python {self.folder / PREDICT_FILE} PICTURE"
        if not backbone.reference:
            return f"Answer a picture: {command}"
        module = backbone.reference.partition(":")[0].partition(".")[0]
        return f"The network is made by your own {module}: put it beside network.py. Then answer a picture: {command}"

    def check_free(self) -> None:
        """Check that the folder holds no manifest of something else.

        Raises:
            StudyError: It does.
        """
        files_in(self.folder)


def _written_already(name: str) -> str:
    folder = bundled_tree(name)
    return "" if folder is None else f"; or take the TreeDNN of its first seed, which is in {folder}"


@dataclass(frozen=True, slots=True)
class Written:
    """The files of a manifest after they were written, for JSON and as lines."""

    document: list[dict[str, object]]
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Exported:
    """A network that was written.

    Args:
        document: What ``--json`` prints.
        lines: What is printed otherwise.
    """

    document: Mapping[str, Any]
    lines: tuple[str, ...]

    @classmethod
    def of(cls, document: Mapping[str, Any], lines: Iterable[str], warnings: Iterable[str]) -> "Exported":
        """Return what was written, its warnings first, each once."""
        found = tuple(dict.fromkeys(warnings))
        return cls({**document, "warnings": list(found)}, (*(f"Warning: {warning}" for warning in found), *lines))
