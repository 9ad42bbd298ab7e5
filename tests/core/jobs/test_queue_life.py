"""Whatever people, hosts and workers do to the queue, in whatever order."""

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from core.backbones import Backbone, Block
from core.families.layouts.request import OracleRequest, TableRequest
from core.jobs.dispatcher import Dispatcher
from core.jobs.states import ACTIVE
from core.jobs.submission import with_parents
from core.runs.result import Environment, RunResult, RunState
from core.studies.database import Database
from core.studies.expand import expand
from core.studies.record import StudyRecord
from core.studies.specification import BackboneSpecification, StudySpecification
from core.tasks import Kind, Metric, Task

ME = "here/1/x"

RESULT = RunResult(
    state=RunState.DONE, environment=Environment(device="cpu", machine="m", threads=1, versions={}), steps=1
)


class Life(RuleBasedStateMachine):
    """Whatever people, hosts and workers do, and in whatever order, nothing finished is lost."""

    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.database = Database(Path(self.folder.name) / "studies.sqlite")
        specification = StudySpecification(
            name="small",
            tasks=("a", "b", "c"),
            backbone=BackboneSpecification(blocks=2),
            table=TableRequest(seeds=(0,)),
            oracle=OracleRequest(seeds=(7,), layouts=("0,1,2|0,1;2",)),
        )
        tasks = tuple(Task(name, Kind.DEPTH, (Metric("error", False),), 1) for name in "abc")
        net = Backbone("net", (Block("stem", 1, 1), Block("body", 1, 1)))
        self.database.put(StudyRecord("small", ("a", "b", "c"), net, specification, tasks))
        self.queue, self.runs, self.done = Dispatcher(self.database), with_parents(expand(specification)), set()
        self.owners = ["one/1/x", "two/2/y"]

    def state(self):
        with self.database.reading() as connection:
            return {row[0]: row[1] for row in connection.execute("SELECT key, state FROM runs")}

    @rule(n=st.integers(1, 14), keep=st.booleans(), who=st.sampled_from(["p", "q"]))
    def submit(self, n, keep, who):
        self.queue.submit("small", with_parents(self.runs[-n:]), keep_weights=keep, session=who)

    @rule(n=st.integers(1, 4), who=st.integers(0, 1))
    def take(self, n, who):
        self.queue.take(self.owners[who], n)

    @rule(place=st.integers(0, 13), ending=st.sampled_from(["done", "done", "failed", "cancelled"]))
    def finish(self, place, ending):
        key = self.runs[place].key
        if self.state().get(key) in ("running", "cancelling"):
            weights = f"{key}.safetensors" if ending == "done" else None
            self.queue.finish(key, RESULT.model_copy(update={"state": RunState(ending)}), weights=weights)
            if ending == "done":
                self.done.add(key)

    @rule(place=st.integers(0, 13))
    def cancel(self, place):
        self.queue.cancel([self.runs[place].key])

    @rule()
    def host_dies(self):
        self.queue.interrupt(None, "Gone.")

    @rule(place=st.integers(0, 13))
    def retry(self, place):
        self.queue.retry([self.runs[place].key])

    @invariant()
    def rules_hold(self):
        found = self.state()
        kept = self.database.results("small")
        for key in self.done:
            assert key in kept or next(run for run in self.runs if run.key == key).kind == "similarity"
        for run in self.runs:
            ready = all(found.get(parent.key) == "done" for parent in run.parents)
            if found.get(run.key) == "waiting":
                assert not ready
                # Something moves it on: none of its parents is over without having been done.
                assert all(found[parent.key] in (*ACTIVE, "done") for parent in run.parents)

    def teardown(self):
        # Let everything that is active finish.
        for _ in range(40):
            for dispatch in self.queue.take("end/1/x", 100):
                self.queue.finish(dispatch.key, RESULT)
            self.queue.interrupt(None, "Gone.")
        assert self.queue.n_active() == 0
        self.folder.cleanup()


TestLife = Life.TestCase
TestLife.settings = settings(
    max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
