"""What an estimate of time rests on, in words; no Streamlit, so that the command line says the same."""

from collections.abc import Sequence
from pathlib import Path

from app.ui.formatting import count
from core.jobs.calibration import calibrate_in_background
from core.jobs.estimate import Basis, Speed
from core.studies.calibration import CalibrationRequest

# Better than nothing, and worth a measurement.
ROUGH = (Basis.GUESS, Basis.OTHER_RUNS)


def is_being_measured(
    home: Path, request: CalibrationRequest, speed: Speed, code: Sequence[Path | str] | None = None
) -> bool:
    """Return whether a better estimate will be there in a moment; starts to measure where that is needed."""
    return speed.basis in ROUGH and calibrate_in_background(home, request, code)


def basis_sentence(speed: Speed, workers: int, *, measuring: bool = False) -> str:
    """Return what an estimate rests on as a sentence.

    >>> basis_sentence(Speed(0.3, 7), 2)
    'Estimated from 7 runs of this backbone on this machine, 2 in parallel.'
    >>> basis_sentence(Speed(0.3, 0, Basis.GUESS), 1, measuring=True)
    'A rough guess; the speed of this machine is being measured.'
    """
    parallel = f", {workers} in parallel" if workers > 1 else ""
    runs = f"{count(speed.n_runs)} run{'' if speed.n_runs == 1 else 's'}"
    match speed.basis:
        case Basis.RUNS:
            return f"Estimated from {runs} of this backbone on this machine{parallel}."
        case Basis.MEASUREMENT:
            return f"Estimated from a short measurement of this backbone on this machine{parallel}."
        case Basis.OTHER_RUNS:
            rough = f"A rough estimate from {runs} of other backbones on this machine"
        case _:
            rough = "A rough guess"
    return f"{rough}; the speed of this machine is being measured." if measuring else f"{rough}{parallel}."
