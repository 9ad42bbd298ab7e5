"""Who trains which run: claims with a lease, so that no run is trained twice."""

import os
import platform
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from core.studies.database import Database
from core.studies.result import RunResult
from core.studies.specification import RunSpecification

LEASE_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Claims:
    """The right of one process to train runs.

    A claimed run is *running* until its owner finishes or releases it, or until the lease
    ends because the owner no longer renews it. A run whose owner is gone is *interrupted*
    and may be claimed again.

    Args:
        database: Where the runs are.
        owner: Who claims: ``host/process/unique``.
        lease: Seconds a claim holds without being renewed.
    """

    database: Database
    owner: str
    lease: float = LEASE_SECONDS

    @classmethod
    def of_this_process(cls, database: Database) -> "Claims":
        """Give the claims of a new owner in this process."""
        return cls(database, f"{platform.node()}/{os.getpid()}/{uuid.uuid4().hex[:8]}")

    def claim(
        self, study: str, *, part: tuple[int, int] = (1, 1), skip: Sequence[str] = (), retry_failed: bool = False
    ) -> RunSpecification | None:
        """Give the first run of a study that is free, now claimed; None where there is none.

        Args:
            study: Name of the study.
            part: ``(k, n)``: only the k-th of every n runs, k from 1 to n.
            skip: Keys not to claim.
            retry_failed: Whether a failed run counts as free.
        """
        now, (k, n) = self.database.clock(), part
        free = (
            "('queued', 'interrupted', 'cancelled', 'failed')"
            if retry_failed
            else ("('queued', 'interrupted', 'cancelled')")
        )
        with self.database.writing() as connection:
            rows = connection.execute(
                "SELECT key, runs.specification FROM runs JOIN study_runs ON key = run_key "
                "JOIN studies ON id = study_id WHERE name = ? AND position % ? = ? "
                f"AND (state IN {free} OR (state = 'running' AND expires < ?)) ORDER BY position",
                (study, n, k - 1, now),
            ).fetchall()
            found = next((row for row in rows if row["key"] not in skip), None)
            if found is None:
                return None
            connection.execute(
                "UPDATE runs SET state = 'running', sentence = '', owner = ?, expires = ?, started = ?, "
                "finished = NULL, result = NULL, attempt = attempt + 1 WHERE key = ?",
                (self.owner, now + self.lease, now, found["key"]),
            )
        return RunSpecification.model_validate_json(found["specification"])

    def renew(self, key: str) -> bool:
        """Lengthen the claim on a run; False where it is no longer ours."""
        with self.database.writing() as connection:
            changed = connection.execute(
                "UPDATE runs SET expires = ? WHERE key = ? AND owner = ?",
                (self.database.clock() + self.lease, key, self.owner),
            ).rowcount
        return bool(changed)

    def finish(self, key: str, result: RunResult) -> None:
        """Store how a run ended; a run that is done already stays as it is."""
        with self.database.writing() as connection:
            # Whoever owns it now: the result answers the same question, and work done is not thrown away.
            connection.execute(
                "UPDATE runs SET state = ?, sentence = ?, result = ?, finished = ?, owner = NULL, expires = NULL "
                "WHERE key = ? AND state != 'done' AND (owner = ? OR ? = 'done')",
                (
                    result.state.value,
                    result.sentence,
                    result.model_dump_json(),
                    self.database.clock(),
                    key,
                    self.owner,
                    result.state.value,
                ),
            )
            connection.execute(
                "UPDATE studies SET updated = ? WHERE id IN (SELECT study_id FROM study_runs WHERE run_key = ?)",
                (self.database.clock(), key),
            )

    def release(self, sentence: str = "Interrupted; it starts again when the study is resumed.") -> int:
        """Give back every run this owner holds, and say how many."""
        return _interrupt(self.database, [self.owner], sentence)

    def release_dead(self) -> int:
        """Free the runs whose owner was a process of this machine that is gone, and say how many."""
        with self.database.reading() as connection:
            owners = [row[0] for row in connection.execute("SELECT DISTINCT owner FROM runs WHERE state = 'running'")]
        dead = [owner for owner in owners if owner != self.owner and _is_gone(owner)]
        return _interrupt(self.database, dead, "The process that trained it ended before it was done.")


def _interrupt(database: Database, owners: Sequence[str], sentence: str) -> int:
    if not owners:
        return 0
    with database.writing() as connection:
        return sum(
            connection.execute(
                "UPDATE runs SET state = 'interrupted', sentence = ?, owner = NULL, expires = NULL "
                "WHERE owner = ? AND state = 'running'",
                (sentence, owner),
            ).rowcount
            for owner in owners
        )


def _is_gone(owner: str) -> bool:
    host, _, rest = owner.rpartition("/")[0].rpartition("/")
    # Elsewhere signal 0 would end the process instead of asking for it; there the lease decides.
    if os.name != "posix" or host != platform.node() or not rest.isdigit():
        return False
    try:
        os.kill(int(rest), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
