"""What a class leaves on the disk until it ends: pass-phrase, members without names, guesses, what they may do.

One small SQLite file in the home folder. A killed server continues its class when it is started again; ending the
class deletes the file.
"""

import json
import re
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from app.classroom.tables import use_tables
from core.errors import BranchwiseError
from core.studies.home import PRIVATE_FILE, made
from core.studies.schema import transaction

FILE: Final = "class.sqlite"
ENDED: Final = "The class has ended."
# Who forgot to end a class does not keep it for ever.
LONGEST: Final = timedelta(hours=24)
ROUNDS: Final = 2
MOST_OPTIONS: Final = 10
# More than any set of lessons asks; without a limit a member could fill the disk.
MOST_QUESTIONS: Final = 100
MOST_MEMBERS: Final = 1000
_QUESTION: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}")
_WAY_OUT: Final = "Delete it with: branchwise class --end"


class ClassError(BranchwiseError):
    """Something that a class does not allow, or not now."""


class StoreError(ClassError):
    """What belongs to a class can't be read or written, as on a full disk."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """What the presenter lets the members of a class do.

    Args:
        wander: Open the pages by themselves; otherwise they only follow.
        tally: See the tally of a question once they have guessed, and then keep that guess; otherwise the tally is seen
            only when the answer is, and a guess may be changed until then.
        submissions: Submit trainings.
        uploads: Store studies of their own.
        deletions: Delete what they stored.
    """

    wander: bool = True
    tally: bool = False
    submissions: bool = False
    uploads: bool = False
    deletions: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """Where a question stands.

    Args:
        round: The first or the second.
        revealed: Whether the answer has been shown; no more guesses then.
    """

    round: int = 1
    revealed: bool = False


class ClassStore:
    """The class of a home folder.

    Args:
        path: Of the file; its folder is made if need be.
    """

    def __init__(self, path: Path) -> None:
        made(path.parent)
        self.path = path
        self._lock = threading.Lock()
        self.is_open = True
        # Asked for at every message of a member, and changed by nobody else.
        self._allowed: Allowed | None = None
        try:
            path.touch(mode=PRIVATE_FILE)
            self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=10.0)
            # Written before it is answered: whoever kills the server afterwards loses no guess.
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = NORMAL")
            use_tables(self._connection)
        except (OSError, sqlite3.Error) as fault:
            reason = getattr(fault, "strerror", None) or fault
            raise StoreError(f"The file {path} can't be used: {reason}. {_WAY_OUT}") from None

    # The class ------------------------------------------------------------------------------

    def begin(self, phrase: str, now: datetime) -> bool:
        """Begin a class with a pass-phrase, unless one goes on that is younger than a day; return whether it began.

        Args:
            phrase: For a new class.
            now: With its time zone.
        """
        with self._writing() as connection:
            row = connection.execute("SELECT begun FROM class").fetchone()
            if row and self._begun(row[0], now) + LONGEST > now:
                return False
            for table in ("class", "member", "question", "guess"):
                connection.execute(f"DELETE FROM {table}")
            connection.execute(
                "INSERT INTO class VALUES (?, ?, ?)",
                (phrase, now.astimezone(UTC).isoformat(), json.dumps(asdict(Allowed()))),
            )
        self._allowed = None
        return True

    def _begun(self, text: object, now: datetime) -> datetime:
        """Return when the class of the file began, after a look at what members may do there.

        Raises:
            StoreError: The file can't say.
        """
        try:
            begun = datetime.fromisoformat(str(text))
            if begun > now + LONGEST:
                raise ValueError
            self._allowed_in(self._connection.execute("SELECT allowed FROM class").fetchone()[0])
        except (ValueError, TypeError, AttributeError, OverflowError):
            raise StoreError(f"The file {self.path} holds no class that can go on. {_WAY_OUT}") from None
        return begun

    @staticmethod
    def _allowed_in(text: str) -> Allowed:
        found = json.loads(text)
        return Allowed(**{each.name: found[each.name] is True for each in fields(Allowed) if each.name in found})

    @property
    def phrase(self) -> str:
        """The pass-phrase, in words: only its owner can read the file, and the panel shows it to the class."""
        return str(self._one("SELECT phrase FROM class")[0])

    @property
    def allowed(self) -> Allowed:
        """What members may do."""
        if self._allowed is None:
            self._allowed = self._allowed_in(self._one("SELECT allowed FROM class")[0])
        return self._allowed

    def allow(self, allowed: Allowed) -> None:
        """Change what members may do."""
        with self._writing() as connection:
            connection.execute("UPDATE class SET allowed = ?", (json.dumps(asdict(allowed)),))
        self._allowed = allowed

    def end(self) -> None:
        """Delete the class and everything in it."""
        self.close()
        delete_class(self.path)

    def close(self) -> None:
        """Close the file; the class goes on when it is opened again."""
        with self._lock:
            self.is_open = False
            self._connection.close()

    # Members --------------------------------------------------------------------------------

    def admit(self, member: str) -> None:
        """Let somebody in.

        Args:
            member: A name that says nothing about the person.

        Raises:
            ClassError: The class is full.
        """
        with self._writing() as connection:
            if connection.execute("SELECT COUNT(*) FROM member").fetchone()[0] >= MOST_MEMBERS:
                raise ClassError(f"This class has {MOST_MEMBERS} members already. Ask its presenter to begin it anew.")
            connection.execute("INSERT OR IGNORE INTO member VALUES (?)", (member,))

    def is_member(self, member: str) -> bool:
        """Return whether somebody has been let in."""
        with self._reading() as connection:
            return connection.execute("SELECT 1 FROM member WHERE id = ?", (member,)).fetchone() is not None

    @property
    def n_members(self) -> int:
        """How many have been let in."""
        return int(self._one("SELECT COUNT(*) FROM member")[0])

    # Guesses --------------------------------------------------------------------------------

    def guess(self, question: str, member: str, option: int) -> None:
        """Keep a member's guess; a second one in the same round replaces the first unless the tally is open.

        Args:
            question: Its name, as in ``why-share``.
            member: Whose guess it is.
            option: Which answer, from 0.

        Raises:
            ClassError: The answer is shown already, the member has seen the tally, or there is no such question or
                option.
        """
        _check(question, option)
        first_counts = self.allowed.tally
        with self._writing() as connection:
            asked = self._question(connection, question, most=MOST_QUESTIONS)
            if asked.revealed:
                raise ClassError("The answer has been shown: guesses are no longer taken.")
            again = "DO NOTHING" if first_counts else "DO UPDATE SET option = excluded.option"
            done = connection.execute(
                f"INSERT INTO guess VALUES (?, ?, ?, ?) ON CONFLICT {again}", (question, asked.round, member, option)
            )
            if done.rowcount == 0:
                raise ClassError("You have seen the tally: this guess stays.")

    def guess_of(self, question: str, member: str) -> int | None:
        """Return a member's guess in the round that is open; None where there is none."""
        with self._reading() as connection:
            row = connection.execute(
                "SELECT option FROM guess WHERE question = ? AND member = ?"
                " AND round = COALESCE((SELECT round FROM question WHERE id = guess.question), 1)",
                (question, member),
            ).fetchone()
            return None if row is None else int(row[0])

    def tally(self, question: str, round: int) -> tuple[int, ...]:
        """Return how many guessed each option in a round, up to the last option that somebody guessed."""
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT option, COUNT(*) FROM guess WHERE question = ? AND round = ? GROUP BY option", (question, round)
            ).fetchall()
        counts = dict(rows)
        return tuple(counts.get(option, 0) for option in range(max(counts, default=-1) + 1))

    def question(self, question: str) -> Question:
        """Return where a question stands; in its first round where nobody has guessed."""
        with self._reading() as connection:
            return self._found(connection, question) or Question()

    def questions(self) -> dict[str, Question]:
        """Return the questions that were guessed or revealed, in the order in which that began."""
        with self._reading() as connection:
            rows = connection.execute("SELECT id, round, revealed FROM question ORDER BY rowid").fetchall()
        return {str(name): Question(int(round_), bool(revealed)) for name, round_, revealed in rows}

    def reveal(self, question: str) -> None:
        """Show the answer of a question, for good: no more guesses."""
        _check(question, 0)
        with self._writing() as connection:
            self._question(connection, question)
            connection.execute("UPDATE question SET revealed = 1 WHERE id = ?", (question,))

    def guess_again(self, question: str) -> None:
        """Begin the second round of a question; the guesses of the first are kept beside.

        Raises:
            ClassError: The answer is shown, or it is the second round already.
        """
        _check(question, 0)
        with self._writing() as connection:
            asked = self._question(connection, question)
            if asked.revealed or asked.round == ROUNDS:
                raise ClassError("A second round begins after the first one and before the answer is shown.")
            connection.execute("UPDATE question SET round = ? WHERE id = ?", (ROUNDS, question))

    def _question(self, connection: sqlite3.Connection, name: str, most: int | None = None) -> Question:
        """Return where a question stands, after storing it if it is new; the presenter's are never too many."""
        found = self._found(connection, name)
        if found is None:
            if most is not None and connection.execute("SELECT COUNT(*) FROM question").fetchone()[0] >= most:
                raise ClassError(f"A class has at most {most} questions.")
            connection.execute("INSERT INTO question VALUES (?, 1, 0)", (name,))
        return found or Question()

    @staticmethod
    def _found(connection: sqlite3.Connection, name: str) -> Question | None:
        row = connection.execute("SELECT round, revealed FROM question WHERE id = ?", (name,)).fetchone()
        return None if row is None else Question(int(row[0]), bool(row[1]))

    def _one(self, query: str) -> tuple[Any, ...]:
        with self._reading() as connection:
            row: tuple[Any, ...] | None = connection.execute(query).fetchone()
        if row is None:
            raise ClassError("No class goes on here. Begin one with branchwise class.")
        return row

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                yield self._connection
            except sqlite3.Error as fault:
                if not self.is_open:
                    raise ClassError(ENDED) from None
                raise StoreError(f"The class can't be read or stored now: {fault}. Tell its presenter.") from None

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._reading() as connection, transaction(connection):
            yield connection


class _Held:
    """The class that the server of this process holds."""

    store: ClassStore | None = None


def hold(store: ClassStore | None) -> None:
    """Set the class of this process; None when it ends."""
    _Held.store = store


def held() -> ClassStore | None:
    """Return the class of this process; None where there is none."""
    return _Held.store


def delete_class(path: Path) -> None:
    """Delete the file of a class and what SQLite keeps beside it; a ``StoreError`` says what can't be."""
    for each in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
        try:
            each.unlink(missing_ok=True)
        except OSError as fault:
            raise StoreError(f"{each} can't be deleted: {fault.strerror}. Move it away.") from None


def _check(question: str, option: int) -> None:
    if not _QUESTION.fullmatch(question):
        raise ClassError("There is no such question. Names of questions have letters, digits and hyphens.")
    if not 0 <= option < MOST_OPTIONS:
        raise ClassError(f"There is no such answer. Answers count from 0 to {MOST_OPTIONS - 1} at most.")
