"""How the Train and Studies pages feel with 10,000 runs in the database: seconds of a page run, server side.

    python benchmarks/many_runs.py [--runs 10000] [--repeats 7]

The database is filled with a study of very many seeds, whose results repeat those of the bundled study. Nothing is
trained, no host runs, and no browser takes part. The target is 0.3 s.
"""

import argparse
import os
import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from streamlit.testing.v1 import AppTest

from app.ui.warming import prepare
from core.families.layouts.request import OracleRequest, TableRequest
from core.families.layouts.runs import expand as layout_trainings
from core.jobs.dispatcher import Dispatcher
from core.jobs.estimate import work_of
from core.jobs.submission import with_parents
from core.runs.run import Run
from core.studies.bundled import open_bundled
from core.studies.database import Database
from core.studies.home import DATABASE_FILE
from core.studies.specification import StudySpecification

MAIN = Path(__file__).resolve().parents[1] / "app" / "main.py"
SECTIONS = ("On disk", "Create a study", "Engine", "Clean up")
# One seed of the table takes 18 runs, one of the oracle 53.
RUNS_PER_SEED = {"table": 18, "oracle": 53}


def filled(home: Path, n_runs: int) -> int:
    """Fill a database with about so many runs, most done, some queued, and return how many there are."""
    opened = open_bundled("scenes")
    specification = opened.record.specification
    assert specification is not None
    n_seeds = n_runs // sum(RUNS_PER_SEED.values())
    many = StudySpecification.model_validate(
        specification.model_dump(mode="json")
        | {
            "name": "many",
            "title": "Very many runs",
            "table": TableRequest(seeds=tuple(range(n_seeds))).model_dump(),
            "oracle": OracleRequest(seeds=tuple(range(10_000, 10_000 + n_seeds))).model_dump(),
        }
    )
    known = {kind(run): opened.results[run.key] for run in layout_trainings(specification) if run.key in opened.results}
    runs = layout_trainings(many)
    database = Database(home / DATABASE_FILE)
    record = replace(opened.record, name="many", title="Very many runs", specification=many)
    done = runs[: int(0.9 * len(runs))]
    database.put(record, {run.key: known[kind(run)] for run in done})
    Dispatcher(database).submit("many", with_parents(runs), work=work_of(record.backbone))
    return len(runs)


def kind(run: Run) -> tuple[object, ...]:
    """Return what two runs that differ only by their seed have in common."""
    return run.label.tasks, *run.label.details.values()


def timed(app: AppTest, repeats: int) -> tuple[float, float]:
    """Return the seconds of the first run of a page and the median of further ones."""
    seconds = []
    for _ in range(repeats + 1):
        begun = time.perf_counter()
        app.run()
        seconds.append(time.perf_counter() - begun)
        assert not app.exception, app.exception
    return seconds[0], statistics.median(seconds[1:])


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--repeats", type=int, default=7)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["BRANCHWISE_HOME"] = folder
        n_runs = filled(Path(folder), wanted.runs)
        prepare()
        print(f"{n_runs} runs in the database; load of the machine {os.getloadavg()[0]:.1f}")
        print(f"{'page':28}{'first run, s':>14}{'rerun, s':>12}")
        app = AppTest.from_file(str(MAIN), default_timeout=60)
        app.run()
        app.switch_page("../pages/train.py")
        print(f"{'Train':28}{'{:14.3f}{:12.3f}'.format(*timed(app, wanted.repeats))}")
        for section in SECTIONS:
            app = AppTest.from_file(str(MAIN), default_timeout=60)
            app.query_params["section"] = section
            app.run()
            app.switch_page("../pages/studies.py")
            print(f"{'Studies: ' + section:28}{'{:14.3f}{:12.3f}'.format(*timed(app, wanted.repeats))}")


if __name__ == "__main__":
    main()
