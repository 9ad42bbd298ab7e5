"""The interface of a family of networks, and the registry of families."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, ClassVar, Final

from core.costs import Allocation, CostQuestion, Unit
from core.errors import BranchwiseError, StudyError
from core.plane.point import GainOrigin, PlanePoint
from core.plane.storage import StorageCurve
from core.runs.frozen import Frozen
from core.runs.result import RunResult
from core.runs.run import Run
from core.tasks import Task

if TYPE_CHECKING:
    from core.studies.advice import Advice, Goal
    from core.studies.latencies import TimedBlocks
    from core.studies.specification import StudySpecification
    from core.studies.study import Study

# The families that come with Branchwise, in the order in which a study lists their runs: one line each.
BUILT_IN: Final = (
    "core.families.layouts.family:FAMILY",
    "core.families.recombined.family:FAMILY",
    "core.families.treednn.family:FAMILY",
    "core.families.multipath.family:FAMILY",
    "core.families.virtual.family:FAMILY",
    "core.families.single.family:FAMILY",
    "core.families.rivals.family:FAMILY",
    "core.families.widened.family:FAMILY",
    "core.families.hybrid.family:FAMILY",
    "core.families.gradient_affinity.family:FAMILY",
    "core.families.switching.family:FAMILY",
    "core.families.latency.family:FAMILY",
)
# An installed package may bring more: an entry point of this group names an object like those above.
ENTRY_POINTS: Final = "branchwise.families"


class Family:
    """One family of networks: what a study file may request of it, its runs, and their results.

    A family is a subclass with a ``name``; it overrides what it has.

    Class attributes:
        name: Short name, also of its folder.
        sections: Section of a study file → what it may say.
        defaults: Sections that a study of one data set has unless it says otherwise.
        stands_alone: Whether a study that requests it has default sections of others only where it names them.
        one_set: Whether its networks are trained on tasks of one data set.
        several: Whether its networks are trained on several data sets, each with its own pictures.
        runs: Its kinds of run.
        checked_by: ``module:function`` called with the study and its loaded data sets before the study is
            stored, with torch at hand; it may return doubts, as sentences. Empty for none.
        written_by: ``module:function`` that takes an ``ExportRequest``, writes a trained network as files that need no
            Branchwise, and returns ``Exported``; empty where there are none.
        deployed_by: ``module:function`` that takes an ``ExportRequest`` and a seed or None, writes a trained network as
            files between which an application switches, and returns ``Exported``; empty where there are none.
        not_written: Why there are none, as a sentence with a way out; empty where nothing of a family could be written.
        against: What its gains are measured against, where that is not the single-task networks of the study, in words.
        members: File in a study's archive → most bytes it may unpack to, where large payloads are kept compactly.
    """

    name: ClassVar[str]
    sections: ClassVar[Mapping[str, type[Frozen]]] = {}
    defaults: ClassVar[Mapping[str, Frozen]] = {}
    stands_alone: ClassVar[bool] = False
    one_set: ClassVar[bool] = True
    several: ClassVar[bool] = False
    runs: ClassVar[tuple[type[Run], ...]] = ()
    checked_by: ClassVar[str] = ""
    written_by: ClassVar[str] = ""
    deployed_by: ClassVar[str] = ""
    not_written: ClassVar[str] = ""
    against: ClassVar[str] = ""
    members: ClassVar[Mapping[str, int]] = {}

    def takes(self, *, several: bool) -> bool:
        """Return whether its networks can be trained in a study of several data sets, or of one."""
        return self.several if several else self.one_set

    def fault(self, study: "StudySpecification") -> str | None:  # noqa: ARG002  # a family without requests
        """Return the error in the requests of a study for this family, as a sentence; None if there is none."""
        return None

    def warnings(self, study: "StudySpecification") -> list[str]:  # noqa: ARG002
        """Return what is allowed and odd in the requests of a study for this family, as sentences."""
        return []

    def count(self, study: "StudySpecification") -> int:
        """Return how many trainings a study requests at most, without making them where they may be very many."""
        return len(self.expand(study))

    def expand(self, study: "StudySpecification") -> list[Run]:  # noqa: ARG002
        """Return the runs that a study requests, each after those of its parents that are requested, too."""
        return []

    def results(
        self,
        study: "StudySpecification",  # noqa: ARG002
        tasks: Sequence[Task],  # noqa: ARG002
        finished: Mapping[str, RunResult],  # noqa: ARG002
    ) -> object | None:
        """Return the results of finished runs as a frozen value; None where there are none.

        Args:
            study: What is requested.
            tasks: The study's tasks, in its order.
            finished: Run key → result; runs that are missing or not done count as not there.
        """
        return None

    def points(self, study: "Study", question: CostQuestion, unit: Unit) -> list[PlanePoint]:  # noqa: ARG002
        """Return the networks of a study as points of cost and gain; none where question or unit do not apply."""
        return []

    def measured(self, study: "Study", question: CostQuestion, unit: Unit) -> list[PlanePoint]:
        """Return those of ``points`` that are measured; a family whose predictions take long leaves them out first."""
        return [each for each in self.points(study, question, unit) if each.origin is GainOrigin.MEASURED]

    def storage(self, study: "Study") -> list[StorageCurve]:  # noqa: ARG002
        """Return what networks for the first 1 … T tasks of a study store, in its order; none where nothing says so."""
        return []

    def allocation(self, study: "Study", point: PlanePoint) -> Allocation | None:  # noqa: ARG002
        """Return which task uses which piece of one of the family's points.

        Args:
            study: Whose network it is.
            point: One of those that ``points`` returns, found by its label.

        Returns:
            What costs by union for all questions and units exactly as the point says; None where the network is not
            made of pieces that tasks use whole, or the study has no such point.
        """
        return None

    def timed(self, study: "StudySpecification") -> "list[TimedBlocks]":  # noqa: ARG002
        """Return networks that a measurement of latency times: those that run other blocks than the backbone's."""
        return []

    def advise(
        self,
        study: "Study",  # noqa: ARG002
        goal: "Goal",  # noqa: ARG002
        seconds: Callable[[Sequence[Run]], float | None],  # noqa: ARG002
        n: int,  # noqa: ARG002
    ) -> "Advice | None":
        """Return what to train next of a study, all at the same time; None where this family has no advice for it.

        Args:
            study: With what is measured.
            goal: What its user wants to know.
            seconds: How long runs take with what they are compared with; None where they are not to be trained.
            n: How many trainings, at most.
        """
        return None

    def write_members(self, study: "StudySpecification", finished: Mapping[str, RunResult]) -> dict[str, bytes]:  # noqa: ARG002
        """Return the content of ``members`` for an archive, as far as there is any."""
        return {}

    def read_members(
        self,
        study: "StudySpecification",  # noqa: ARG002
        members: Mapping[str, bytes],  # noqa: ARG002
        finished: Mapping[str, RunResult],  # noqa: ARG002
    ) -> dict[str, RunResult]:
        """Return run key → result with what the family's ``members`` of an archive hold.

        Raises:
            StudyError: A member is damaged, or about other runs.
        """
        return {}


@cache
def families() -> tuple[Family, ...]:
    """Return all families: those that come with Branchwise, then installed ones.

    Raises:
        StudyError: Two families have one name, one section or one kind of run.
    """
    found = [_load(name) for name in BUILT_IN]
    found += [
        _load_installed(entry) for entry in sorted(entry_points(group=ENTRY_POINTS), key=lambda entry: entry.name)
    ]
    for what, names in (
        ("name", [family.name for family in found]),
        ("section", [section for family in found for section in family.sections]),
        ("kind of run", [run.kind for family in found for run in family.runs]),
    ):
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise StudyError(f'Two families have the {what} "{twice[0]}". Uninstall one of them.')
    for family in found:
        if taken := sorted(family.sections.keys() & _general_keys()):
            raise StudyError(
                f'The family "{family.name}" has a section "{taken[0]}", a key of every study. Uninstall it.'
            )
    return tuple(found)


def _general_keys() -> set[str]:
    """Return the keys that every study file may have."""
    from core.studies.specification import StudySpecification

    return {*StudySpecification.model_fields}


def _load_installed(entry: EntryPoint) -> Family:
    try:
        family = entry.load()
    except Exception as fault:  # code of another package, which may fail in any way
        raise StudyError(
            f'The installed family "{entry.name}" can\'t be loaded: {fault}. Update or uninstall it.'
        ) from fault
    if not isinstance(family, Family):
        raise StudyError(f'The installed family "{entry.name}" is no object of class Family. Update or uninstall it.')
    return family


def _load(name: str) -> Family:
    module, _, attribute = name.partition(":")
    family: Family = getattr(import_module(module), attribute)
    return family


@cache
def sections() -> Mapping[str, type[Frozen]]:
    """Return section of a study file → its request, over all families."""
    return {name: request for family in families() for name, request in family.sections.items()}


@cache
def kinds() -> Mapping[str, type[Run]]:
    """Return name → class of every kind of run."""
    return {run.kind: run for family in families() for run in family.runs}


def training_kinds() -> tuple[str, ...]:
    """Return the kinds that count among the trainings of a study."""
    return tuple(name for name, run in kinds().items() if run.is_training)


def light_kinds() -> tuple[str, ...]:
    """Return the kinds whose results are read whenever a study is opened."""
    return tuple(name for name, run in kinds().items() if not run.has_large_payload)


def family_of(kind: str) -> Family | None:
    """Return the family that a kind of run belongs to; None where none has it."""
    return next((family for family in families() if any(run.kind == kind for run in family.runs)), None)


def read_run(kind: str, text: str) -> Run:
    """Return the run of a kind whose specification was kept as JSON text.

    Raises:
        StudyError: There is no such kind, or the text is no specification of it.
    """
    known = kinds()
    if kind not in known:
        raise StudyError(
            f'A run of kind "{kind[:40]}" is not known here. A newer Branchwise made it, or a family that is not '
            "installed: update, or install it."
        )
    try:
        return known[kind].model_validate_json(text)
    except (ValueError, BranchwiseError):
        raise StudyError(f'The specification of a run of kind "{kind}" is damaged. Request the run again.') from None
