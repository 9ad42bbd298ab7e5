"""What a worker does with a run of any kind: specification in, result and weights out."""

from importlib import import_module

from core.errors import BranchwiseError, DiskError
from core.runs.result import RunResult, RunState
from core.runs.run import Run
from core.studies.family import read_run
from core.studies.home import FULL, write_whole
from core.studies.weights_file import with_origin
from core.training.environment import device_of, environment_of
from core.training.workplace import Workplace


def execute(kind: str, specification: str, place: Workplace, *, device: str = "") -> tuple[RunResult, str | None]:
    """Return the result of a run and the name of the file with its trained weights.

    Args:
        kind: Of the run.
        specification: As JSON text.
        place: Folders, data and callbacks.
        device: ``auto``, ``cpu`` or ``cuda``; from the specification if empty.

    Raises:
        StudyError: The specification is invalid.
        DiskError: The disk is full or read-only; the run itself did not fail.
    """
    run = read_run(kind, specification)
    if device:
        run = run.on(device)
    try:
        result, weights = run_job(run, place)
        if run.settings.precision != "float32":
            where = result.environment.model_copy(update={"precision": run.settings.precision})
            result = result.model_copy(update={"environment": where})
        run.check(result)
    except DiskError:
        raise
    except OSError as fault:
        if fault.errno in FULL:
            raise DiskError(f"{fault.filename or place.home} can't be written: {fault.strerror}. Make room.") from None
        return _failed(fault, run), None
    except (BranchwiseError, RuntimeError, MemoryError) as fault:
        # Out of memory, an unsupported operator, no such device: reported as the message of the run.
        return _failed(fault, run), None
    if weights is None or not place.keep_weights or not result.is_done:
        return result, None
    path = place.weights(run.key)
    write_whole(path, with_origin(weights, run.key, result))
    return result, path.name


def run_job(run: Run, place: Workplace) -> tuple[RunResult, bytes | None]:
    """Return the result of a run and its trained weights, by the function that its kind names.

    Args:
        run: Of any kind.
        place: Folders, data and callbacks.

    Raises:
        BranchwiseError: The run can't be executed.
    """
    module, _, function = run.carried_out_by.partition(":")
    found: tuple[RunResult, bytes | None] = getattr(import_module(module), function)(run, place)
    return found


def _failed(fault: Exception, run: Run) -> RunResult:
    text = str(fault).strip()
    settings = run.settings.model_copy(update={"device": "cpu"})
    return RunResult(
        state=RunState.FAILED,
        sentence=text.splitlines()[0][:500] if text else f"It failed with {type(fault).__name__}.",
        environment=environment_of(device_of(settings), settings.threads),
    )
