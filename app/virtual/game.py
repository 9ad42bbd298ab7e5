"""A game for class: put the units of every task in order by hand."""

import pandas as pd
import streamlit as st

from app.components.order_game import game_data, order_game
from app.families.virtual.order_words import orders_code, read_orders
from app.jobs.train_link import ORDERS, choose_orders_to_train
from app.ui.downloads import csv_button, file_stem
from app.ui.formatting import escape
from app.ui.glossary import explain
from app.ui.page_url import keep, kept
from app.ui.paths import PAGES
from app.ui.unread_address import refuse
from app.ui.written_table import show_written
from app.virtual.controls import division_input
from app.virtual.game_model import BALANCE, measured, presets, weights_of
from core.families.virtual.orders import Orders
from core.families.virtual.results import VirtualResults
from core.families.virtual.search import merit_of, shared_below
from core.families.virtual.totals import unit_totals
from core.studies.study import Study

KEY = "order_game"


def show_game(study: Study) -> None:
    """Show the tiles of every task, and what follows from their order.

    Args:
        study: Whose tasks take the units.
    """
    results = study.result(VirtualResults)
    n_units = division_of(results)
    given = presets(study.n_tasks, n_units, results)
    orders = chosen_orders(study.n_tasks, n_units, given[0][1])
    order_game(
        key=KEY,
        data=game_data(
            tasks=study.task_names,
            orders=orders,
            presets=given,
            weights=weights_of(results, study.n_tasks),
            balance=BALANCE,
            measured=measured(results),
            filename=f"branchwise-virtual-orders-{file_stem(study.name)}",
        ),
        on_orders=lambda: moved(study.n_tasks, n_units, given[0][1]),
    )
    _show_notes(study, results)
    _show_table(study, results, [("These orders", orders), *given])
    _offer_training(study, results, orders)


def division_of(results: VirtualResults | None) -> int:
    """Return into how many units channels are divided; ask where the study has no division."""
    if results is not None:
        return results.n_levels
    with st.container(horizontal=True, vertical_alignment="top", gap="medium"):
        return division_input(None).n_units


def chosen_orders(n_tasks: int, n_units: int, usual: Orders) -> Orders:
    """Return the orders of the address, or the usual ones where it has none that fit."""
    found = read_orders(kept(ORDERS), n_tasks, n_units) or usual
    keep(ORDERS, "" if found == usual else orders_code(found))
    if found is usual:
        refuse(ORDERS, f"an order of {n_units} units for each of {n_tasks} tasks")
    return found


def moved(n_tasks: int, n_units: int, usual: Orders) -> None:
    """Set the orders as they were put together; values from the browser are validated like uploads."""
    value = getattr(st.session_state.get(KEY), "orders", None)
    if not isinstance(value, list) or len(value) != n_tasks:
        return
    for order in value:
        if not isinstance(order, list) or len(order) != n_units:
            return
        for unit in order:
            if isinstance(unit, bool) or not isinstance(unit, int | float) or unit not in range(n_units):
                return
    orders = tuple(tuple(int(unit) for unit in order) for order in value)
    if all(len(set(order)) == n_units for order in orders):
        st.session_state[ORDERS] = "" if orders == usual else orders_code(orders)


def _show_notes(study: Study, results: VirtualResults | None) -> None:
    words = (
        "Units have no names of their own: orders that differ by the names of the units are one network. Two tasks "
        "that share low levels learn each other's features there; a unit that many levels learn gets more gradients."
    )
    if results is None or results.affinity is None:
        words += (
            " Agreement and merit need the affinity of the tasks: write `affinity` into `[virtual]` of the study file."
        )
    st.caption(words, help=explain("merit of orders"))
    if study.n_tasks == 1:
        st.caption("This study has one task, so nothing is shared.")


def figures_frame(named: list[tuple[str, Orders]], results: VirtualResults | None) -> pd.DataFrame:
    """Return one row for each set of orders: totals of the units, imbalance, overlap, merit.

    Args:
        named: Label and orders.
        results: Of the study; with affinity there is a merit.
    """
    rows = []
    for name, orders in named:
        totals = unit_totals(orders)
        pairs = [(one, other) for place, one in enumerate(orders) for other in orders[place + 1 :]]
        row: dict[str, object] = {
            "orders": name,
            "code": orders_code(orders),
            "unit totals": " ".join(map(str, totals.tolist())),
            "imbalance": 100 * float((totals.max() - totals.min()) / totals.mean()),
        }
        if pairs:
            row["shared below the last level"] = 100 * sum(shared_below(*pair) for pair in pairs) / len(pairs)
        if results is not None and results.affinity is not None and pairs:
            merit = merit_of(orders, results.affinity, BALANCE)
            row |= {"agreement": merit.agreement, "merit": merit.value}
        rows.append(row)
    return pd.DataFrame(rows)


def _show_table(study: Study, results: VirtualResults | None, named: list[tuple[str, Orders]]) -> None:
    fold = st.expander("Orders as a table", icon=":material/table:", on_change="rerun", key="virtual-orders-table")
    if not fold.open:
        return
    frame = figures_frame(named, results)
    with fold:
        show_written(
            frame,
            {
                **dict.fromkeys(("imbalance", "shared below the last level"), lambda value: f"{value:.1f} %"),
                **dict.fromkeys(("agreement", "merit"), lambda value: f"{value:+.2f}".replace("-", "−")),
            },
            hide_index=True,
            alt="Totals, overlap and merit of these orders and of the rules",
        )
        csv_button("Orders as CSV", frame, f"branchwise-virtual-orders-{file_stem(study.name)}.csv")


def _offer_training(study: Study, results: VirtualResults | None, orders: Orders) -> None:
    """Show the button that opens Train with these orders, where the study's networks can be trained."""
    if study.specification is None:
        return
    if results is None:
        st.page_link(
            PAGES / "train.py", label="Train virtual networks of this study", icon=":material/play_arrow:",
            query_params={"what": "virtual"},
        )  # fmt: skip
        return
    if st.button(
        "Train with these orders",
        icon=":material/play_arrow:",
        key="train-orders",
        on_click=choose_orders_to_train,
        args=(orders_code(orders),),
        help=escape("Opens Train with these orders. Train says what is new and how long it takes."),
    ):
        st.switch_page(PAGES / "train.py", query_params={})
