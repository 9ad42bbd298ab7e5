"""Label of a run as fields: pages and the command line put them into words, which are never parsed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from core.errors import StudyError

Detail = str | int
UNREADABLE: Final = "unreadable label"


@dataclass(frozen=True, slots=True)
class RunLabel:
    """What a run is, of which tasks, from which seed.

    Args:
        kind: Kind of the run, as in the registry.
        tasks: Names of the tasks that it trains or compares; empty where it has none.
        seed: Seed of the run; None where it has none.
        details: What else distinguishes it from runs of its kind, such as ``{"depth": 2}``.
    """

    kind: str
    tasks: tuple[str, ...] = ()
    seed: int | None = None
    details: Mapping[str, Detail] = field(default_factory=dict)

    def to_json(self) -> str:
        """Return the label as JSON text.

        >>> RunLabel("layout", ("depth",), 3).to_json()
        '{"kind": "layout", "tasks": ["depth"], "seed": 3, "details": {}}'
        """
        return json.dumps(
            {"kind": self.kind, "tasks": self.tasks, "seed": self.seed, "details": dict(self.details)},
            ensure_ascii=False,
        )

    @classmethod
    def from_json(cls, text: str) -> "RunLabel":
        """Return the label that ``to_json`` wrote.

        Raises:
            StudyError: The text is no label.
        """
        try:
            found = json.loads(text)
            # Half a character, as only escapes write it, can't be shown or stored.
            json.dumps(found, ensure_ascii=False).encode()
            seed, details = found["seed"], found["details"].items()
            return cls(
                str(found["kind"]),
                tuple(map(str, found["tasks"])),
                None if seed is None else int(seed),
                {str(name): value if isinstance(value, int) else str(value) for name, value in details},
            )
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
            raise StudyError("The label of a run is damaged. Request the run again.") from None

    @classmethod
    def stored(cls, text: object) -> "RunLabel":
        """Return the label in a row of the database; a damaged one says so and hides no other run.

        >>> str(RunLabel.stored("{"))
        'unreadable label'
        """
        try:
            return cls.from_json(str(text))
        except StudyError:
            return cls(UNREADABLE)

    def __str__(self) -> str:
        """Return the fields in one line, for errors and for kinds without a page.

        >>> str(RunLabel("recombined", ("depth", "edges"), 0, {"depth": 2}))
        'depth, edges (recombined, depth 2, seed 0)'
        """
        parts = [] if not self.tasks or self.kind in self.details else [self.kind]
        parts += [f"{name} {value}" for name, value in self.details.items()]
        parts += [] if self.seed is None else [f"seed {self.seed}"]
        name = ", ".join(self.tasks) or self.kind
        return f"{name} ({', '.join(parts)})" if parts else name
