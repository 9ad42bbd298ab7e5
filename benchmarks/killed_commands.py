"""Kill imports, exports and deletions at random moments, and see that no half study and no half file is left.

    python benchmarks/killed_commands.py --kills 20 --seed 0

Only processes that this script started are killed. It prints a table and exits 1 where a promise was broken: the
database is sound, every study that is listed opens with all its results, a study that was there before is still the
same, and an exported file is whole or not there.
"""

import argparse
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

from core.errors import StudyError
from core.studies.archive import import_archive, open_archive
from core.studies.bundled import FOLDER, bundled_studies
from core.studies.database import Database
from core.studies.home import DATABASE_FILE

KEPT, MOVED = FOLDER / "treednn.zip", FOLDER / "scenes.zip"
DELETE = (
    "import sys; from pathlib import Path; from core.studies.database import Database; "
    "Database(Path(sys.argv[1])).delete(sys.argv[2])"
)


def command(what: str, database: Database, name: str, file: Path) -> list[str]:
    """Return the words of one command."""
    home = ("--home", str(database.path.parent))
    return {
        "import": [sys.executable, "-m", "app.command", "import", str(MOVED), *home],
        "export": [sys.executable, "-m", "app.command", "export", name, str(file), *home],
        "delete": [sys.executable, "-c", DELETE, str(database.path), name],
    }[what]


def seconds_of(words: list[str]) -> float:
    """Return how long a command takes that nobody kills."""
    begun = time.monotonic()
    subprocess.run(words, check=True, capture_output=True)
    return time.monotonic() - begun


def faults_of(database: Database, kept: dict[str, str], n_results: int, file: Path) -> list[str]:
    """Return which promises are broken."""
    found = []
    with closing(sqlite3.connect(database.path)) as connection:
        if connection.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
            found.append("the database is damaged")
        if connection.execute("PRAGMA foreign_key_check").fetchone() is not None:
            found.append("a row names one that is gone")
    for line in database.studies():
        try:
            results = database.results(line.name)
            database.study(line.name)
        except StudyError as fault:
            found.append(f"{line.name} does not open: {fault}")
            continue
        wanted = len(kept) if line.name == "kept" else n_results
        if len(results) != wanted:
            found.append(f"{line.name} has {len(results)} of {wanted} results")
        if line.name == "kept" and {key: result.model_dump_json() for key, result in results.items()} != kept:
            found.append("a study that was there before has changed")
    if not database.has_study("kept"):
        found.append("a study that was there before is gone")
    if file.exists():
        try:
            if len(open_archive(file).results) != n_results:
                found.append("an exported file lacks results")
        except StudyError as fault:
            found.append(f"an exported file does not open: {fault}")
    return found


def main() -> int:
    """Run the trial and print what happened."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20, help="Of each command.")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    rng, faults, ended = random.Random(arguments.seed), [], Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        home, file = Path(folder) / "home", Path(folder) / "exported.zip"
        os.environ["BRANCHWISE_HOME"] = str(home)
        database = Database(home / DATABASE_FILE)
        import_archive(KEPT, database, reserved=bundled_studies())
        with database.writing() as connection:
            connection.execute("UPDATE studies SET name = 'kept'")
        kept = {key: result.model_dump_json() for key, result in database.results("kept").items()}
        n_results = len(open_archive(MOVED).results)
        name = import_archive(MOVED, database, reserved=bundled_studies())
        usual = {"import": 0.0, "export": 0.0, "delete": 0.0}
        for what in ("export", "delete", "import"):
            usual[what] = seconds_of(command(what, database, name, file))
        for n in range(arguments.kills):
            for what in ("import", "export", "delete"):
                others = [line.name for line in database.studies() if line.name != "kept"]
                name = others[0] if others else import_archive(MOVED, database, reserved=bundled_studies())
                process = subprocess.Popen(
                    command(what, database, name, file), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
                )
                try:
                    # Most of a command is its start; the moments that matter are near its end.
                    process.wait(usual[what] * rng.betavariate(4, 1.5))
                    ended[f"{what}: ended before"] += 1
                except subprocess.TimeoutExpired:
                    process.send_signal(signal.SIGKILL)
                    process.wait()
                    ended[f"{what}: killed"] += 1
                faults += [f"{what} {n}: {fault}" for fault in faults_of(database, kept, n_results, file)]
    for what, n in sorted(ended.items()):
        print(f"{what:34}{n:8}")
    print(f"{'broken promises':34}{len(faults):8}")
    for fault in faults:
        print(f"  {fault}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
