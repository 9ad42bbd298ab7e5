import io
import zipfile
from dataclasses import replace

import numpy as np
import pytest

from core.errors import BranchwiseError, StudyError
from core.families.recombined.losses import LOSSES, losses_npz, losses_of, read_losses_npz, stored_losses
from core.families.recombined.payloads import LossesPayload, SampleLosses
from core.families.recombined.request import AffinityRequest
from core.families.recombined.runs import RecombinedRun, recombined_runs
from core.runs.result import RunState
from core.studies.archive import export_study, import_archive, open_archive, read_archive, read_results, write_archive
from core.studies.documents import write_npz
from core.studies.family import light_kinds

# As many as the study validates on.
N_SAMPLES = 1000


@pytest.fixture
def asking(specification):
    """The small study, asking for recombined networks from two seeds."""
    return specification.with_request(AffinityRequest(seeds=(0, 1)))


def payload_of(losses):
    return LossesPayload(losses=SampleLosses.of(losses)).model_dump(mode="json")


def arrays_of(result):
    return LossesPayload.model_validate(result.payload).losses.arrays()


def archived(content):
    """Return the losses that an archive holds."""
    return losses_of(*read_results(content, LOSSES))


def without_affinity(study):
    requests = {name: request for name, request in study.requests.items() if name != "affinity"}
    return study.model_copy(update={"requests": requests})


@pytest.fixture
def measured(asking, result_of):
    """Give run key → result of every recombined network."""

    def result(run):
        base = result_of(run.source).model_copy(update={"metrics": {}, "curve": ()})
        rng = np.random.default_rng(int(run.key[:8], 16))
        losses = {target: rng.random(N_SAMPLES).astype(np.float32) for target in run.targets}
        return base.model_copy(update={"payload": payload_of(losses)})

    return {run.key: result(run) for run in recombined_runs(asking)}


def test_sample_losses_survive_their_text():
    arrays = {"a": np.array([0.1, np.nan], dtype=np.float32), "b": np.array([np.inf, 2.0], dtype=np.float32)}
    again = SampleLosses.model_validate_json(SampleLosses.of(arrays).model_dump_json()).arrays()
    assert list(again) == ["a", "b"]
    for name, array in arrays.items():
        np.testing.assert_array_equal(again[name], array)


@pytest.mark.parametrize("data", ["????", "AAAA", "AAAAAAAA" * 3 + "AAAA"])
def test_damaged_sample_losses_are_said(data):
    with pytest.raises(StudyError, match="Train them again"):
        SampleLosses(targets=("a", "b"), data=data).arrays()


def test_every_network_has_its_place(asking, measured):
    losses = losses_of(asking, measured)
    assert losses.values.shape == (2, 2, 3, 3, N_SAMPLES)
    assert losses.is_complete
    for run in recombined_runs(asking):
        for target, expected in arrays_of(measured[run.key]).items():
            place = asking.tasks.index(target), asking.tasks.index(run.source.tasks[0])
            np.testing.assert_array_equal(losses.values[run.source.seed, run.depth][place], expected)


def test_what_is_missing_or_failed_is_a_hole(asking, measured):
    assert losses_of(asking, {}) is None
    assert losses_of(without_affinity(asking), measured) is None
    first, second, *rest = recombined_runs(asking)
    results = {run.key: measured[run.key] for run in (second, *rest)}
    results[second.key] = results[second.key].model_copy(update={"state": RunState.FAILED})
    assert (~losses_of(asking, results).measured).sum() == 2 * 3  # two sources lack their three targets
    assert first.key not in results


def test_runs_that_saw_other_samples_are_refused(asking, measured):
    key = recombined_runs(asking)[0].key
    short = {target: losses[:5] for target, losses in arrays_of(measured[key]).items()}
    measured[key] = measured[key].model_copy(update={"payload": payload_of(short)})
    with pytest.raises(StudyError, match="saw 5 to 1000 samples"):
        losses_of(asking, measured)


def test_losses_survive_the_archive_and_the_database(database, record, asking, results, measured):
    whole = replace(record, specification=asking)
    content = write_archive(whole, {**results, **measured})
    expected = losses_of(asking, measured).values
    np.testing.assert_array_equal(archived(content).values, expected)
    import_archive(content, database)
    np.testing.assert_array_equal(stored_losses(database, "small").values, expected)
    assert database.results("small", RecombinedRun.kind) == measured
    assert set(database.results("small", *light_kinds())) == set(results)
    np.testing.assert_array_equal(archived(export_study(database, "small")).values, expected)


def test_a_study_is_read_without_its_losses(record, asking, results, measured):
    content = write_archive(replace(record, specification=asking), {**results, **measured})
    study = read_archive(content)
    assert study.provenance.n_runs == study.provenance.n_done == len(results)
    lazy = open_archive(content, lazy=True).results
    assert all(lazy[key].payload is None for key in measured)


def test_an_archive_that_lost_its_losses_has_nothing_measured(database, record, asking, results, measured):
    content = write_archive(replace(record, specification=asking), {**results, **measured})
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            if name != "losses.npz":
                new.writestr(name, old.read(name))
    import_archive(buffer.getvalue(), database)
    assert stored_losses(database, "small") is None
    assert database.results("small", RecombinedRun.kind) == {}


def test_other_losses_are_refused(asking, measured):
    losses = losses_of(asking, measured)
    with pytest.raises(BranchwiseError, match="not those the study requests"):
        read_losses_npz(losses_npz(losses), without_affinity(asking).model_copy(update={"backbone": _three(asking)}))
    fewer = asking.with_request(AffinityRequest(seeds=(0,)))
    with pytest.raises(StudyError, match=r"losses.npz: 2 seeds were measured, but 1 are named"):
        read_losses_npz(losses_npz(losses), fewer)


def _three(specification):
    return specification.backbone.model_copy(update={"blocks": 3})


@pytest.mark.parametrize("values", [np.zeros((2, 2, 3, 3, 5)), np.full((2, 2, 3, 3, N_SAMPLES), np.inf)])
def test_losses_on_other_samples_or_beyond_all_numbers_are_refused(asking, values):
    with pytest.raises(StudyError, match=r"5 samples; the validation split has 1,000|infinite loss"):
        read_losses_npz(write_npz({"losses": values.astype(np.float32)}), asking)
