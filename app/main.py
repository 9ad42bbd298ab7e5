"""The entry of the dashboard: navigation, the shared sidebar, one page."""

import streamlit as st

from app.classroom.place import class_pages, show_class_bar
from app.compare.pinned import pinned_networks
from app.components.page_position import page_position
from app.start.old_link import START, follow_old_link
from app.tour.guide import begin_tour, follow_tour, show_tour
from app.ui import page_url, presenting, state
from app.ui.cached import snapshot
from app.ui.flash_messages import show_left_messages
from app.ui.home_banner import show_home_banner
from app.ui.page_style import page_style
from app.ui.paths import ASSETS, PAGES
from app.ui.sidebar import sidebar
from app.ui.turns import turn
from app.ui.unread_address import show_unread_address
from app.ui.warming import warm_up_once

SIDEBAR_PIXELS = 236
LEARN = "learn"


def main() -> None:
    with turn():
        draw()


def draw() -> None:
    """Draw the chrome, then the page that is open."""
    st.set_page_config(
        page_title="Branchwise",
        page_icon=str(ASSETS / "logo" / "icon.svg"),
        layout="wide",
        initial_sidebar_state="collapsed" if presenting.is_presenting() else SIDEBAR_PIXELS,
    )
    page_style()
    st.logo(str(ASSETS / "logo" / "logo.svg"), icon_image=str(ASSETS / "logo" / "icon.svg"), size="large")
    page = st.navigation(
        [
            st.Page(PAGES / "start.py", title="Start", url_path="", icon=":material/home:", default=True),
            st.Page(PAGES / "learn.py", title="Learn", url_path=LEARN, icon=":material/school:"),
            st.Page(PAGES / "overview.py", title="Overview", url_path="overview", icon=":material/dashboard:"),
            st.Page(PAGES / "backbone.py", title="Backbone", url_path="backbone", icon=":material/view_week:"),
            st.Page(PAGES / "budget.py", title="Budget", url_path="budget", icon=":material/savings:"),
            st.Page(PAGES / "affinity.py", title="Affinity", url_path="affinity", icon=":material/grid_on:"),
            st.Page(PAGES / "branching.py", title="Branching", url_path="branching", icon=":material/account_tree:"),
            st.Page(PAGES / "storage.py", title="Storage", url_path="storage", icon=":material/database:"),
            st.Page(PAGES / "paths.py", title="Paths", url_path="paths", icon=":material/conversion_path:"),
            st.Page(PAGES / "virtual.py", title="Virtual networks", url_path="virtual", icon=":material/grid_view:"),
            st.Page(PAGES / "compare.py", title="Compare", url_path="compare", icon=":material/scatter_plot:"),
            st.Page(PAGES / "train.py", title="Train", url_path="train", icon=":material/play_arrow:"),
            st.Page(PAGES / "studies.py", title="Studies", url_path="studies", icon=":material/folder_open:"),
            *class_pages(),
            st.Page(PAGES / "start.py", title="Start", url_path=START, visibility="hidden"),
        ],
        # All of them: Streamlit folds a list of more than twelve away.
        expanded=True,
    )
    is_start = page.url_path in ("", START)
    follow_tour()
    if is_start:
        follow_old_link()
    # Not before: the page would be forgotten, too.
    page_url.begin(page.url_path)
    presenting.begin()
    begin_tour(page.url_path or START)
    waits = presenting.waits_for_browser()
    about_a_study = not is_start and page.url_path != LEARN
    if about_a_study:
        state.begin()
    with snapshot():
        show_home_banner()
        # Start and Learn are about no study: one would write into their addresses what belongs to other pages.
        if about_a_study:
            sidebar(pinned_networks)
        with st.sidebar:
            presenting.presenter_switch(page.url_path, waits=waits)
            page_position(page.url_path)
        # Not in the sidebar, which may be closed.
        show_class_bar(page.url_path)
        if waits:
            return
        unread = st.container()
        page.run()
        with unread:
            show_unread_address()
        show_tour(page.url_path or START)
        # Whichever page is drawn next: a message that appears pages later says nothing any more.
        show_left_messages()
    page_url.end()
    warm_up_once()


if __name__ == "__main__":
    main()
