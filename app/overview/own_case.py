"""An own case: upload a two-task table and a backbone; no training is needed."""

from functools import partial
from typing import Literal

import streamlit as st

from app.classroom.rights import check_right, why_not
from app.overview import SECTION, SHARE
from app.overview.merged_points import merged_input, remember_starts
from app.ui.chosen_backbone import backbone_to_use
from app.ui.flash_messages import reported, show_flash_messages
from app.ui.formatting import UNIT_WORDS, amount, count, escape, listed, plural, shape_words, units_of
from app.ui.glossary import explain
from app.ui.home_banner import why_not_store
from app.ui.identity import session_id
from app.ui.interpolation import show_interpolation
from app.ui.opening import open_study
from app.ui.page_frame import show_errors
from app.ui.paths import ASSETS, PAGES
from app.ui.uploads import MAX_MB, MAX_TITLE, backbone_of_costs, own_study, store_own, taken_names
from core.backbones import Backbone
from core.backbones.catalogue import bundled_backbones, load_backbone
from core.backbones.profile_file import read_profile, write_profile
from core.costs import Unit
from core.estimators import TwoTaskTable
from core.estimators.table_file import TableFile, check_measured, read_sheet, sheet_titles, table_of, write_table
from core.layouts.counting import count_layouts
from core.studies.database import Database
from core.studies.record import StudyRecord
from core.studies.study import Study

BUNDLED, UPLOADED, TYPED = "bundled", "profile", "costs"
_STORED = "own_stored"
_SAMPLES: dict[str, Literal["wide", "tidy"]] = {"Wide table": "wide", "Tidy table": "tidy"}
_SOURCES = {BUNDLED: "Bundled backbone", UPLOADED: "Profile file", TYPED: "Type block costs"}
_TYPED_UNITS = {Unit.PARAMETERS: "Parameters", Unit.MACS: "MACs", Unit.LATENCY: "Milliseconds"}


def show_own_case(study: Study | None) -> None:
    """Ask for a table, a backbone and a name, show what they mean, and open them as a study."""
    show_flash_messages(toast=False)
    take_chosen()
    grid = st.grid(2, min_column_width=380)
    left, right = grid.cell(), grid.cell()
    table, backbone = None, None
    with left, st.container(border=True, height="stretch"):
        st.markdown("**1 · Your two-task table**", help=explain("two-task table"))
        with show_errors():
            table = _table_input()
        _samples(study)
        st.markdown("**2 · Your backbone**", help=explain("backbone", "block"))
        with show_errors():
            backbone = _backbone_input()
        st.markdown("**3 · A name**")
        title = st.text_input(
            "Name of the study",
            key="own_title",
            max_chars=MAX_TITLE,
            placeholder="My case",
            label_visibility="collapsed",
        )
    with right, st.container(border=True, height="stretch"):
        st.markdown("**Preview**")
        _preview(title, table, backbone)


def take_chosen() -> None:
    """Fill the form with the backbone that the page Backbone chose, once, before it is drawn."""
    if chosen := backbone_to_use("overview"):
        st.session_state["own_source"], st.session_state["own_bundled"] = BUNDLED, chosen.name
        starts = [cut for cut in chosen.cuts if isinstance(cut, int)]
        remember_starts(load_backbone(chosen.name), chosen.blocks, starts)


def _table_input() -> TwoTaskTable | None:
    file = st.file_uploader(
        "CSV or XLSX, wide or tidy; or metrics",
        type=["csv", "tsv", "txt", "xlsx", "xlsm"],
        key="own_table",
        max_upload_size=MAX_MB,
        help="Wide: a column “branch” 0 … B, then “(a, b)-0” and “(a, b)-1” for every pair: "
        "Δ of a and of b in percent. Tidy: task_a, task_b, branch_point, task, value. "
        "Metrics instead of Δ: task_a, task_b, branch_point, task, metric, direction, value, with single-task rows. "
        "Names or numbers; an empty cell, NaN, n/a and a dash count as not measured.",
    )
    if file is None:
        return None
    data, sheet = file.getvalue(), None
    if len(titles := _titles(data, file.name)) > 1:
        sheet = st.selectbox(
            "Sheet of the workbook", titles, key="own_sheet", help="Visible sheets come first, in the workbook's order."
        )
    table, remarks = _table(data, file.name, sheet)
    for remark in remarks:
        st.info(escape(remark), icon=":material/visibility:")
    return table


@st.cache_resource(max_entries=8, show_spinner="Reading the table …", show_time=True)
def _titles(data: bytes, filename: str) -> tuple[str, ...]:
    return sheet_titles(data, filename)


@st.cache_resource(max_entries=8, show_spinner="Reading the table …", show_time=True)
def _table(data: bytes, filename: str, sheet: str | None) -> TableFile:
    found = table_of(read_sheet(data, filename, worksheet=sheet))
    check_measured(found.table, filename if sheet is None else f'{filename}, sheet "{sheet}"')
    return found


def _samples(study: Study | None) -> None:
    if study is None:
        return
    st.caption("Examples of the formats:")
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        for label, form in _SAMPLES.items():
            st.download_button(
                label,
                partial(write_table, study.table, form, "csv"),
                file_name=f"sample_{form}.csv",
                mime="text/csv",
                type="tertiary",
                icon=":material/download:",
                on_click="ignore",
            )
        st.download_button(
            "Metrics",
            (ASSETS / "samples" / "metrics.csv").read_bytes(),
            file_name="sample_metrics.csv",
            mime="text/csv",
            type="tertiary",
            icon=":material/download:",
            on_click="ignore",
            help="Metrics of single-task networks and of networks of two tasks, from which Δ is computed",
        )
        st.download_button(
            "Profile",
            write_profile(study.backbone),
            file_name="sample_backbone.json",
            mime="application/json",
            type="tertiary",
            icon=":material/download:",
            on_click="ignore",
        )


def _backbone_input() -> Backbone | None:
    source = st.segmented_control(
        "Source of the block costs",
        list(_SOURCES),
        default=BUNDLED,
        required=True,
        key="own_source",
        format_func=_SOURCES.__getitem__,
        label_visibility="collapsed",
    )
    if source == UPLOADED:
        file = st.file_uploader(
            "Profile as JSON, the output of `branchwise backbone … --json`",
            type="json",
            key="own_profile",
            max_upload_size=MAX_MB,
        )
        return None if file is None else read_profile(file.getvalue())
    if source == TYPED:
        return _typed_input()
    chosen = st.selectbox(
        "Backbone, merged to the blocks of your table",
        bundled_backbones(),
        key="own_bundled",
        index=None,
        placeholder="Choose …",
    )
    return None if chosen is None else load_backbone(chosen)


def _typed_input() -> Backbone | None:
    unit = st.segmented_control(
        "The numbers are",
        [str(unit) for unit in _TYPED_UNITS],
        default=str(Unit.PARAMETERS),
        required=True,
        key="own_unit",
        format_func=lambda name: _TYPED_UNITS[Unit(name)],
        help=explain("parameters", "macs", "latency"),
    )
    text = st.text_area(
        "One number per block, from the input",
        key="own_costs",
        placeholder="9.5k, 222k, 1.1M, 6.8M, 13.1M",
        height=80,
        max_chars=5000,
    )
    return backbone_of_costs(text, Unit(unit)) if text.strip() else None


def _preview(title: str, table: TwoTaskTable | None, backbone: Backbone | None) -> None:
    if table is None or backbone is None:
        missing = listed([word for word, there in (("a table", table), ("a backbone", backbone)) if there is None])
        st.caption(f"Add {missing} to see a preview. Nothing is stored before you confirm.")
        if table is not None:
            _table_words(table)
        return
    _table_words(table)
    with show_errors():
        starts = merged_input(backbone, table.n_blocks)
        record = own_study(title or "My case", backbone, table, taken_names(Database.at_home()), starts)
        _record_words(record, backbone)
        _open_button(title or "My case", table, backbone, starts)


def _table_words(table: TwoTaskTable) -> None:
    holes = int(table.holes.sum())
    st.markdown(
        f"- {table.n_tasks} tasks: {escape(listed(table.tasks[:8]))}{' …' if table.n_tasks > 8 else ''}\n"
        f"- Branch points 0 to {table.n_blocks}, so {plural(table.n_blocks, 'block')}"
        f" and **{count(count_layouts(table.n_tasks, table.n_blocks))} layouts**\n"
        + (
            f"- {count(holes)} cell{'s' if holes > 1 else ''} missing: interpolated, with wider intervals\n"
            if holes
            else "- No cell is missing\n"
        )
        + f"- {_spread_words(table)}"
    )
    show_interpolation(table)


def _spread_words(table: TwoTaskTable) -> str:
    if table.samples is not None and len(table.samples) > 1:
        return f"{len(table.samples)} seeds, so every result has an interval"
    if table.stderr is not None:
        return "Standard errors, so every result has an interval"
    return "One value per cell: no intervals. Add seeds or standard errors (tidy format) to get them"


def _record_words(record: StudyRecord, backbone: Backbone) -> None:
    fitted = record.backbone
    merged = f", merged from {plural(backbone.n_blocks, 'block')}" if backbone.n_blocks != fitted.n_blocks else ""
    st.markdown(f"- Backbone: {escape(fitted.name)}{merged}\n- The study will be called `{record.name}`")
    units = units_of(fitted)
    st.dataframe(
        {
            "block": list(range(1, fitted.n_blocks + 1)),
            "name": [block.name for block in fitted.blocks],
            **{
                UNIT_WORDS[unit].lower() if unit is not Unit.MACS else "MACs": [
                    _cost(block, unit) for block in fitted.blocks
                ]
                for unit in units
            },
            "output": [shape_words(block.output_shape) for block in fitted.blocks],
        },
        hide_index=True,
        height=min(260, 38 + 35 * fitted.n_blocks),
        alt="The blocks your study will have",
    )


def _cost(block: object, unit: Unit) -> str:
    field = {Unit.PARAMETERS: "params", Unit.MACS: "macs", Unit.LATENCY: "latency"}[unit]
    return amount(float(getattr(block, field)), unit)


def _open_button(title: str, table: TwoTaskTable, backbone: Backbone, starts: tuple[int, ...]) -> None:
    reason = why_not_store() or why_not("uploads")
    st.button(
        "Store and open in Budget",
        icon=":material/savings:",
        on_click=_store,
        args=(title, table, backbone, starts),
        disabled=bool(reason),
        help=reason or "Nothing is written before you press this.",
    )


def follow_request() -> None:
    """Open Budget on a case that was just stored."""
    if st.session_state.pop(_STORED, False):
        # Without this argument Streamlit refuses to leave while a control of this page is in the address.
        st.switch_page(PAGES / "budget.py", query_params={})


def _store(title: str, table: TwoTaskTable, backbone: Backbone, starts: tuple[int, ...]) -> None:
    with reported("Stored."):
        check_right("uploads")
        open_study(store_own(title, backbone, table, Database.at_home(), session=session_id(), starts=starts))
        st.session_state[SECTION], st.session_state[_STORED] = SHARE, True
