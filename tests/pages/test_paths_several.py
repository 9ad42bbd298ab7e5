"""The pages of a finished study of multi-path networks whose tasks have pictures of their own."""

import pytest

from core.jobs.queue import Queue
from core.runs.result import RunState
from core.studies.database import Database
from core.studies.expand import expand
from core.studies.home import DATABASE_FILE, VARIABLE
from core.studies.specification import parse_study
from core.training.execute import execute
from core.training.prepare_study import prepare_study
from core.training.workplace import Workplace
from tests.core.families.multipath.test_several import TEXT

STUDY = parse_study(TEXT.replace("n_train = 60", "n_train = 20").replace("epochs = 2", "epochs = 1"))


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, str(home))
        record, _ = prepare_study(STUDY)
        results = {}
        for run in expand(STUDY):
            results[run.key], _ = execute(run.kind, run.model_dump_json(), Workplace(home))
            assert results[run.key].state is RunState.DONE
        database = Database(home / DATABASE_FILE)
        Queue(database)
        database.put(record, results)
    return home


def said(at) -> str:
    parts = [each.value for kind in ("markdown", "caption", "info") for each in getattr(at, kind)]
    return " ".join(parts).replace("\\", "")


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("overview", "far at exit 1 and digits at exit 2"),
        ("paths", "Trained with these exits"),
        ("train", "every step of a multi-path network takes rows of each data set"),
        ("budget", "Each task of “apart” has its own images"),
        ("affinity", "They share the blocks of a multi-path network."),
        ("branching", "Each task of “apart” has its own images"),
        ("storage", "the TreeDNN stores"),
        ("studies", "apart"),
        ("backbone", "small-residual, width 2"),
    ],
)
def test_every_page_of_such_a_study_works(visit, home, page, words):
    at = visit(page, home, study="apart")
    assert not at.error
    assert words in " ".join(said(at).split())


def test_train_says_nothing_of_phases_that_there_are_none_of(visit, home):
    at = visit("train", home, study="apart")
    assert "first phase" not in said(at)
    assert "single-task network goes through its own" in said(at)
