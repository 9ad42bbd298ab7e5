"""Store a study before its runs: ``python -m core.training.prepare`` reads its specification as JSON.

It writes a JSON document: the name it got, and a sentence for every doubt about the labels.
"""

import json
import sys

from core.errors import BranchwiseError
from core.studies.bundled import bundled_studies
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
        record, _ = prepare_study(specification, command=str(document["command"]), warn=warnings.append)
        name = Database.at_home().add(record, reserved=bundled_studies(), session=str(document.get("session", "")))
    except BranchwiseError as fault:
        print(fault, file=sys.stderr)
        return 2
    print(json.dumps({"name": name, "warnings": warnings}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
