"""Networks of a study as files to take home: the Python file, and a zip with trained weights and manifest."""

import io
import zipfile
from functools import partial

import streamlit as st

from app.ui import cached
from app.ui.formatting import escape
from app.ui.task_answers import ask_answers, missing_answers
from core.backbones import Backbone
from core.backbones.own_source import is_own, own_source
from core.backbones.source import BlockSource, check_builder, standalone_source
from core.errors import BackboneError, BranchwiseError
from core.families.layouts.export import Results, describe, exported_files, source_text
from core.families.layouts.weights import LayoutWeights, WeightsState, weights_of
from core.families.single.runs import NetworkRun
from core.jobs.jobs_reader import JobsReader
from core.jobs.states import ACTIVE
from core.jobs.written_blocks import written_blocks
from core.layouts import Layout
from core.runs.settings import BackboneSpecification
from core.studies.bundled import open_bundled
from core.studies.code_permission import Roots
from core.studies.database import Database
from core.studies.record import StudyRecord
from core.studies.study import Study
from core.tasks import Task

_OWN = "A Python file that builds this network with {function}. Needs Branchwise and torch"
_UNNAMED = (
    "your own function: name it in the file, since this profile was written before profiles kept the name, or by hand"
)
# Members of a zip get one date, so that equal content is an equal file.
_DATE = (1980, 1, 1, 0, 0, 0)


def module_button(study: Study, layout: Layout) -> None:
    """Show the download of a layout as a Python file, disabled with the reason if it cannot be built."""
    if study.specification is None:
        _own_button(study, layout)
        return
    st.download_button(
        "PyTorch module",
        partial(_on_request, study, layout),
        file_name=f"{study.name}_network.py",
        mime="text/x-python",
        icon=":material/code:",
        on_click="ignore",
        help="A Python file that builds this network, with its preprocessing; needs torch alone",
    )


def _own_button(study: Study, layout: Layout) -> None:
    """Ask what the tasks of an imported table answer with, and show the download once it is known."""
    own = is_own(study.backbone)
    words = _own_words(study.backbone) if own else "A Python file that builds this network; needs torch alone"
    with st.popover("PyTorch module", icon=":material/code:", help=words):
        reason, source = "", ""
        try:
            if not own:
                check_builder(study.backbone)
            answers = ask_answers(study)
            reason = missing_answers(study, answers)
            if not reason:
                source = _own_text(study, layout, answers, own=own)
        except BackboneError as fault:
            reason = str(fault)
        if reason:
            st.caption(escape(reason))
        st.download_button(
            "Download",
            source,
            file_name=f"{study.name}_network.py",
            mime="text/x-python",
            icon=":material/download:",
            on_click="ignore",
            disabled=bool(reason),
            key=f"own_module_{study.name}",
        )


def _own_words(backbone: Backbone) -> str:
    return _OWN.format(function=_UNNAMED if backbone.maker is None else escape(backbone.maker.function))


def network_button(study: Study, layout: Layout) -> None:
    """Show the download of a trained layout: Python file, weights and manifest in one zip; disabled with the reason."""
    found = kept_weights(study, layout)
    kept = found.state is WeightsState.KEPT
    st.download_button(
        "Trained network",
        partial(network_zip, study.name, layout, found),
        file_name=f"{study.name}_network.zip",
        mime="application/zip",
        icon=":material/neurology:",
        on_click="ignore",
        disabled=not kept,
        help=f"Python files that build it and answer pictures, weights of seed {found.seed} and manifest: "
        f"preprocessing, classes, splits, metrics{_own_beside(study)}"
        if kept
        else missing_words(study, found),
    )


def _own_beside(study: Study) -> str:
    reference = study.specification.backbone.reference if study.specification is not None else ""
    return f". Put your own {reference.partition(':')[0].partition('.')[0]} beside them" if reference else ""


def missing_words(study: Study, found: LayoutWeights) -> str:
    """Return why there are no weights; of a study that trains, that they may have come since the page was drawn."""
    counts = JobsReader(Database.at_home()).counts(study=study.name)
    if not any(counts[state] for state in ACTIVE):
        return str(found.state.value)
    return "No weights were kept when this page was drawn, and this study is training. Refresh to see what came since."


def kept_weights(study: Study, layout: Layout) -> LayoutWeights:
    """Return the trained weights of a layout, or why there are none; those of a bundled study are never kept."""
    assert study.specification is not None
    found = weights_of(Database.at_home(), study.specification, layout)
    is_trained = study.oracle is not None and layout in study.oracle.layouts
    return LayoutWeights(WeightsState.NOT_KEPT) if found.state is WeightsState.NOT_TRAINED and is_trained else found


def module_text(study: Study, layout: Layout) -> str:
    """Return the Python file of a layout of a measured study.

    Raises:
        BranchwiseError: The study is gone, or its backbone can't be written down.
    """
    record, results = _stored(study.name)
    return source_text(record, describe(record, layout, results).manifest, _blocks_of(record))


def network_zip(name: str, layout: Layout, weights: LayoutWeights) -> bytes:
    """Return a zip with the files of a trained layout.

    Raises:
        BranchwiseError: The study or its weights are gone, or its backbone can't be written down.
    """
    record, results = _stored(name)
    _, files = exported_files(record, layout, results, weights, _blocks_of(record))
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for member, data in files.items():
            archive.writestr(zipfile.ZipInfo(member, _DATE), data, zipfile.ZIP_DEFLATED)
    return content.getvalue()


def _on_request(study: Study, layout: Layout) -> str:
    try:
        return module_text(study, layout)
    except BranchwiseError as fault:
        # The page is drawn already: the file itself says why it holds no network.
        return f"raise SystemExit({str(fault)!r})\n"


def _own_text(study: Study, layout: Layout, answers: tuple[Task, ...], *, own: bool) -> str:
    if own:
        return own_source(study.backbone, layout.to_json(), study.task_names, answers)
    return standalone_source(
        study.backbone,
        layout.to_json(),
        study.task_names,
        outputs=[task.n_outputs for task in answers],
        kinds=[task.kind for task in answers],
    )


def _stored(name: str) -> tuple[StudyRecord, Results]:
    if not cached.version_of(name):
        opened = open_bundled(name)
        return opened.record, opened.results
    database = Database.at_home()
    return database.record(name), database.results(name, NetworkRun.kind)


def _blocks_of(record: StudyRecord) -> BlockSource | None:
    if record.specification is None:
        return None
    _, height, width = record.backbone.input_shape
    code = Database.at_home().code_roots(record.name) if record.specification.backbone.needs_permission else None
    return _written(record.specification.backbone, (height, width), code)


@st.cache_resource(
    max_entries=16, show_spinner=False, hash_funcs={BackboneSpecification: lambda b: b.model_dump_json()}
)
def _written(backbone: BackboneSpecification, size: tuple[int, int], code: Roots | None) -> BlockSource | None:
    return written_blocks(backbone, size, code)
