import base64
import io
import json
import re
import threading
import zlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1.element_tree import UnknownElement

from app.affinity.subject import Subject, subject_of
from app.affinity.tables import depth_frame, long_frame, tensor_npz
from app.affinity_source.own_file import evidence_of_file
from core.affinity.tournament import Eigenvector
from core.backbones import Backbone, Block
from core.families.layouts.request import TableRequest
from core.families.recombined.payloads import SampleLosses
from core.families.recombined.request import AffinityRequest
from core.families.recombined.runs import recombined_runs
from core.runs.result import Environment, RunResult, RunState
from core.studies.database import Database
from core.studies.home import DATABASE_FILE
from core.studies.record import StudyRecord
from core.studies.specification import BackboneSpecification, StudySpecification
from core.tasks import Kind, Metric, Task

NAMES = ("*near*", "far", "facing")
SECTIONS = ("table", "tournament", "pictures")


@pytest.fixture(scope="module")
def measured_home(tmp_path_factory) -> Path:
    """A folder with one study whose recombined networks "were trained" from two seeds."""
    home = tmp_path_factory.mktemp("measured")
    tasks = tuple(Task(name, Kind.DEPTH, (Metric("error", False),), 1) for name in NAMES)
    backbone = Backbone("made-up", tuple(Block(f"block{i}", 1000, 10**6, (8, 16, 16)) for i in range(3)))
    asked = StudySpecification(
        name="measured", tasks=NAMES, backbone=BackboneSpecification(blocks=3), table=TableRequest(seeds=(0,)),
        affinity=AffinityRequest(seeds=(0, 1)),
    )  # fmt: skip

    def result(run):
        rng = np.random.default_rng(int(run.key[:8], 16))
        apart = {target: abs(NAMES.index(target) - NAMES.index(run.source.tasks[0])) for target in NAMES}
        return RunResult(
            state=RunState.DONE, seconds=1.0, params=5, head_params=1,
            environment=Environment(device="cpu", machine="a test", threads=1, versions={"torch": "2"}),
            losses=SampleLosses.of(
                {t: rng.lognormal(0.2 * run.depth * apart[t], 0.3, 200).astype(np.float32) for t in NAMES}
            ),
        )  # fmt: skip

    Database(home / DATABASE_FILE).put(
        StudyRecord("measured", NAMES, backbone, asked, tasks, title="Measured"),
        {run.key: result(run) for run in recombined_runs(asked)},
    )
    return home


@pytest.fixture
def measured(visit, measured_home):
    """Open the Affinity page on the measured study."""
    return lambda **address: visit("affinity", home=measured_home, study="measured", **address)


def losses_file(n_tasks, n_depths=4, n_samples=30, change=None):
    rng, places = np.random.default_rng(0), np.arange(n_tasks)
    apart = np.abs(places[:, None] - places)[None] * np.linspace(0, 0.5, n_depths)[:, None, None]
    values = rng.lognormal(apart[..., None], 0.3, (n_depths, n_tasks, n_tasks, n_samples)).astype(np.float32)
    if change:
        change(values)
    return npz(losses=values, tasks=np.array([f"own {i}" for i in range(n_tasks)]))


def npz(**arrays):
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def bring(at, name, data):
    (key,) = [each.key for each in at.file_uploader]
    at.file_uploader(key=key).upload(name, data)
    at.run()
    assert not at.exception, at.exception


def sent(at):
    found = [
        json.loads(element.proto.json)
        for element in _walk(at.main)
        if isinstance(element, UnknownElement)
        and getattr(element.proto, "component_name", "") == "branchwise.affinity_map"
    ]
    return found[0] if found else None


def numbers(data, name):
    """Give a field as the browser unpacks it."""
    place = [each for each, _ in data["fields"]].index(name)
    n = len(data["tasks"])
    whole = np.frombuffer(zlib.decompress(base64.b64decode(data["packed"])), dtype="<i2")
    return whole.reshape(-1, data["depths"], n, n)[place] * data["fields"][place][1]


def _walk(block):
    for child in block.children.values():
        yield child
        if hasattr(child, "children"):
            yield from _walk(child)


def said(at):
    return " ".join(e.value for kind in (at.error, at.warning, at.info, at.caption, at.markdown) for e in kind)


def test_a_measured_study_shows_its_recombined_networks_with_how_sure_they_are(measured):
    at = measured()
    found = sent(at)
    assert not at.error
    assert at.button_group(key="evidence").value == "recombined"
    assert {name for name, _ in found["fields"]} == {"normalised", "raw", "low", "high", "order", "wins", "loss"}
    assert (found["depths"], found["depth"], found["tasks"]) == (3, 1, list(NAMES))
    assert found["summary"][0].startswith("Affinity falls with depth")
    assert "200 resamples" in found["marks"]
    assert not any("No recombined networks" in each.value for each in at.markdown)


@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_opens_and_names_are_shown_as_they_are(measured, section):
    at = measured(section=section)
    assert not at.error
    assert at.button_group(key="affinity_section").value == section
    assert not re.search(r"(?<!\\)\*near(?<!\\)\*", said(at))


def test_depth_and_pair_come_from_the_address_and_wrong_ones_are_dropped(measured):
    found = sent(measured(depth="2", pair="2-0"))
    assert (found["depth"], found["pair"]) == (2, [0, 2])
    for address in ({"depth": "9"}, {"depth": "-1"}, {"pair": "1-1"}, {"pair": "0-7", "depth": "x"}, {"depth": "²"}):
        at = measured(**address)
        assert not at.error
        assert sent(at)["depth"] == 1
        assert not set(at.query_params) & {*address}


def test_the_eigenvector_is_an_option_that_changes_the_numbers(measured):
    at = measured()
    first = at.dataframe[0].value["normalised"].min()
    at.button_group(key="eigenvector").set_value("raw").run()
    assert at.dataframe[0].value["normalised"].min() > first
    assert not at.error


@pytest.mark.parametrize("order", ["cluster", "similarity"])
def test_orders_are_sent_for_all_depths_or_for_each(measured, order):
    at = measured(order=order)
    assert [len(sent(at)["arrangements"]), len(sent(at)["arrangements"][0]["brackets"])] == [
        1, 2 if order == "cluster" else 0,
    ]  # fmt: skip
    at.button_group(key="order_over").set_value("each").run()
    assert len(sent(at)["arrangements"]) == 3


def test_the_tournament_is_walked_forwards_backwards_and_restarted(measured):
    at = measured(affinity_part=SECTIONS[1], depth="2")
    titles = []
    for _ in range(6):
        titles += [each.value for each in at.markdown if each.value.startswith("**Step")]
        (forward,) = [each for each in at.button if each.label == "Next"]
        if not forward.disabled:
            forward.click().run()
    assert [title[:13] for title in titles] == [f"**Step {n} of 6" for n in range(1, 7)]
    assert [each.disabled for each in at.button if each.label in ("Back", "Next", "Restart")] == [False, True, False]
    # The last step ends at the number in the map.
    shown = float(re.search(r"\*\*(\d\.\d\d)\*\*: the number in the large heatmap", said(at))[1])
    row = numbers(sent(at), "normalised")[2, 0]
    assert min(abs(row[1:] - shown)) < 0.006
    next(each for each in at.button if each.label == "Restart").click().run()
    assert "**Step 1 of 6" in said(at)
    at.selectbox(key="target").set_value("facing").run()
    assert "**facing**" in said(at)


def test_a_study_without_recombined_networks_says_so_and_shows_the_way(visit):
    at = visit("affinity", study="trained")
    assert "No recombined networks of this study are trained yet" in said(at)
    assert sent(at) is None
    assert len(at.file_uploader) == 1
    table = visit("affinity", study="five")
    assert "an uploaded table" in said(table)
    assert len(table.file_uploader) == 1


@pytest.mark.parametrize("n_tasks", [3, 5, pytest.param(40, marks=pytest.mark.slow)])
def test_losses_of_ones_own_get_the_whole_page_with_their_own_names(visit, n_tasks):
    at = visit("affinity", study="five", evidence="Own file")
    bring(at, "mine.npz", losses_file(n_tasks))
    found = sent(at)
    assert not at.error
    assert found["tasks"] == [f"own {i}" for i in range(n_tasks)]
    assert found["depths"] == 4
    # With many tasks the samples are drawn again in the background.
    for thread in threading.enumerate():
        if thread.name == "resampling":
            assert "being computed" in found["marks"]
            thread.join()
    at.run()
    assert "order" in dict(sent(at)["fields"])
    assert len(at.dataframe[-1].value) == n_tasks * (n_tasks - 1) // 2
    at.button_group(key="order").set_value("cluster").run()
    assert len(sent(at)["arrangements"][0]["order"]) == n_tasks
    at.button_group(key="affinity_section").set_value("tournament").run()
    assert not at.exception
    assert not at.error
    assert "Step 1 of 6" in said(at)
    next(each for each in at.button if each.label == "Close the file").click().run()
    assert sent(at) is None
    assert len(at.file_uploader) == 1


def test_a_tensor_of_ones_own_is_compared_with_the_features_of_the_study(visit):
    values = np.random.default_rng(0).random((5, 3, 3))
    at = visit("affinity", home=Path("/nowhere at all"), study="scenes", evidence="Own file")
    bring(at, "mine.npz", npz(affinity=values + values.transpose(0, 2, 1) + np.eye(3)))
    assert sent(at)["tasks"] == ["segmentation", "normals", "depth"]
    at.button_group(key="affinity_section").set_value("sources").run()
    assert not at.error
    assert "your file and" in said(at)


def test_holes_are_shown_and_can_not_be_clustered(visit):
    def leave_out(values):
        values[1, 0, 2] = np.nan

    at = visit("affinity", study="five", evidence="Own file")
    bring(at, "mine.npz", losses_file(3, change=leave_out))
    assert sent(at)["holes"]
    assert "own 0 on the features of own 2" in said(at)
    assert not at.error
    at.button_group(key="order").set_value("cluster").run()
    (fault,) = at.error
    assert "until all are" in fault.value
    assert sent(at)["arrangements"] == [{"order": [0, 1, 2], "brackets": []}]


def test_losses_that_tell_nothing_apart_are_a_note(visit):
    at = visit("affinity", study="five", evidence="Own file")
    bring(at, "mine.npz", losses_file(3, change=lambda values: values.fill(1.0)))
    assert not at.error
    assert "carry no information" in said(at)


BAD = [
    ("a.npy", b""), ("a.npy", b"\x93NUMPY"), ("a.npz", b"PK\x03\x04"), ("a.npz", npz()), ("a.csv", b"\xff\xfe\x00"),
    ("a.csv", b"a;b;c\n1;2;3"), ("a.csv", b"depth,task_a,task_b,value\n"), ("a.npz", npz(a=np.ones(2), b=np.ones(2))),
    ("a.npz", npz(losses=np.ones((2, 1, 1, 5)))), ("a.npz", npz(losses=np.ones((1, 41, 41, 1)))),
    ("a.npz", npz(losses=np.full((1, 2, 2, 3), np.nan))), ("a.npz", npz(losses=np.ones((3, 3, 2, 4)))),
    ("a.npz", npz(affinity=np.ones((3, 3, 5)))), ("a.npz", npz(affinity=np.zeros((2, 3, 3)))),
    ("a.npz", npz(affinity=np.array([[[1, 0.2], [0.7, 1]]]))), ("a.npz", npz(affinity=np.ones((1, 1, 1)))),
    ("a.npz", npz(affinity=np.ones((2, 41, 41)))), ("a.npz", npz(affinity=np.full((1, 2, 2), np.inf))),
    ("a.npz", npz(distance=np.ones((1, 2, 2)))), ("a.npz", npz(distance=np.array([[[0, -1], [-1, 0]]]))),
    ("a.npz", npz(affinity=np.ones((1, 2, 2)), tasks=np.array(["<script>", "b"]))),
    ("a.npz", npz(affinity=np.ones((1, 2, 2)), tasks=np.array(["a"]))), ("a.npz", npz(affinity=np.array(["x"]))),
    ("a.npy", np.lib.format.MAGIC_PREFIX + b"\x01\x00\x76\x00{'descr': '<f8', 'shape': (10**9,10**9,10**9)}"),
    ("a.csv", b"depth,task_a,task_b,value\n0,0,0,nothing"), ("a.csv", b"depth,task_a,task_b,value\n0,0,77,1\n0,0,0,1"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "data"), BAD, ids=range(len(BAD)))
def test_a_bad_file_is_one_sentence_and_nothing_is_kept(visit, tmp_path, name, data):
    home = tmp_path / "nothing here yet"
    at = visit("affinity", home=home, evidence="Own file")
    bring(at, name, data)
    (fault,) = at.error
    assert fault.value.endswith(".")
    assert "Traceback" not in fault.value
    assert sent(at) is None
    assert "own_tensor" not in at.session_state
    assert not home.exists()


@pytest.fixture
def subject(study_of) -> Subject:
    """What the page shows of losses somebody brought."""
    evidence = evidence_of_file(losses_file(4), "mine.npz", "affinity", ())
    return subject_of(study_of("five"), evidence, Eigenvector.AHP)


def test_the_files_that_are_offered_can_be_brought_back(subject):
    shown = subject.view.evidence
    again = evidence_of_file(tensor_npz(subject), "again.npz", "distance", ())
    np.testing.assert_array_equal(again.affinity, shown.affinity)
    assert again.tasks == shown.tasks
    with np.load(io.BytesIO(tensor_npz(subject))) as packed:
        assert packed["seeds"].tolist() == list(shown.losses.seeds)
        np.testing.assert_array_equal(packed["low"], subject.sure.certainty.low)
        assert packed["after_block"].tolist() == [1, 2, 3, 4]
    csv = evidence_of_file(long_frame(subject).to_csv(index=False).encode(), "again.csv", "distance", ())
    np.testing.assert_allclose(csv.affinity, shown.affinity)
    assert csv.tasks == shown.tasks


def test_the_table_is_the_map_in_numbers(subject):
    frame = depth_frame(subject, 3)
    assert frame["normalised"].is_monotonic_decreasing
    assert (frame["low"] <= frame["high"]).all()
    assert frame["rank kept"].between(0, 100).all()
    whole = long_frame(subject)
    assert list(whole) == [
        "depth",
        "after_block",
        "task_a",
        "task_b",
        "affinity",
        "normalised",
        "low",
        "high",
        "rank_kept",
        "interval_of",
    ]
    assert set(whole["interval_of"]) == {"samples of one seed"}
    assert len(whole) == 4 * 10
    deepest = whole[(whole["depth"] == 3) & (whole["task_a"] != whole["task_b"])]
    pd.testing.assert_series_equal(
        deepest["normalised"].sort_values(ascending=False, ignore_index=True), frame["normalised"], check_names=False
    )


def test_seeds_are_subtracted_with_the_names_and_the_order_of_the_link(measured):
    at = measured(section="difference", difference="seeds", fig_names="Near;Far", fig_order="2-0", fig_colours="0.5~1")
    assert not at.error
    assert "seed 0 − seed 1" in said(at)
    assert "within noise" in said(at)
    found = sent(at)
    assert found["tasks"] == ["Near", "Far", NAMES[2]]
    assert [each["order"] for each in found["arrangements"]] == [[2, 0, 1]]
    assert found["colours"] == [0.5, 1.0]


def test_a_study_of_other_tasks_cannot_be_subtracted(measured):
    at = measured(section="difference", difference="study", other_study="scenes")
    assert len(at.error) == 1
    assert "segmentation" in at.error[0].value
