"""Store a study before its runs: ``python -m core.training.prepare`` reads its specification as JSON.

It writes a JSON document: the name it got, and a sentence for every doubt about the labels.
"""

import json
import sys
from pathlib import Path

from core.errors import BranchwiseError
from core.own_code.permission import permitted
from core.studies.bundled import bundled_studies
from core.studies.code_permission import roots_of
from core.studies.database import Database
from core.studies.documents import read_json
from core.studies.specification import study_from_document
from core.training.prepare_study import prepare_study


def main() -> int:
    """Check, measure the backbone, draw examples and store; return the exit code."""
    try:
        document = read_json(sys.stdin.buffer.read(), "The study")
        specification = study_from_document(document["specification"], "The study")
        warnings: list[str] = []
        # Folders that the owner of this server allows own code to be imported from; none where it is not allowed.
        roots: list[str] | None = document.get("code")
        with permitted(roots):
            record, _ = prepare_study(specification, command=str(document["command"]), warn=warnings.append)
        assert record.specification is not None
        code = None if roots is None else roots_of(record.specification, [Path(root) for root in roots])
        name = Database.at_home().add(
            record, reserved=bundled_studies(), session=str(document.get("session", "")), code=code
        )
    except BranchwiseError as fault:
        print(fault, file=sys.stderr)
        return 2
    print(json.dumps({"name": name, "warnings": warnings}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
