"""The states of a job, each with its explanation."""

from enum import StrEnum
from typing import Final


class JobState(StrEnum):
    """State of a run, from planned to done."""

    PLANNED = "planned"
    QUEUED = "queued"
    WAITING = "waiting"
    RUNNING = "running"
    CANCELLING = "cancelling"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"
    SKIPPED = "skipped"
    # Never stored: a run that is done, whose result does not say what it measures.
    DAMAGED = "damaged"

    @property
    def sentence(self) -> str:
        """What the state means."""
        return _SENTENCES[self]


_SENTENCES: Final = {
    JobState.PLANNED: "Part of the study; not requested yet.",
    JobState.QUEUED: "Submitted; it starts when a worker is free.",
    JobState.WAITING: "It starts when the runs it builds on or is compared with are done.",
    JobState.RUNNING: "A worker trains it.",
    JobState.CANCELLING: "It stops within a few steps.",
    JobState.DONE: "Measured and kept.",
    JobState.FAILED: "It failed; the reason is shown with it.",
    JobState.CANCELLED: "Stopped on request; retried, it continues from its last checkpoint.",
    JobState.INTERRUPTED: "Its worker or host stopped; it continues from its last checkpoint when a host runs.",
    JobState.DAMAGED: "Its stored result is damaged and counts as missing. Retry trains it again.",
    JobState.SKIPPED: "Not trained, because a run it builds on or is compared with did not succeed.",
}

# A host starts these; the others wait for a user or are finished.
READY: Final = (JobState.QUEUED, JobState.INTERRUPTED)
OWNED: Final = (JobState.RUNNING, JobState.CANCELLING)
ACTIVE: Final = (*READY, JobState.WAITING, *OWNED)
FINISHED: Final = (JobState.DONE, JobState.FAILED, JobState.CANCELLED, JobState.SKIPPED, JobState.DAMAGED)
