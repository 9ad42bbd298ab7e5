"""The page that the dashboard opens with."""

import json

import pytest

from core.studies.bundled import bundled_studies

pytestmark = pytest.mark.skipif(not bundled_studies(), reason="no study is bundled")


def linked(at) -> list[tuple[str, str]]:
    return [(each.proto.page, each.proto.query_string) for each in at.get("page_link")]


def test_it_shows_a_budget_to_drag_and_leads_to_every_bundled_study(visit, plane_of):
    at = visit("start")
    sent = plane_of(at)
    assert sent["compact"]
    assert sent["budget"] == 0.6
    assert not at.query_params
    links = linked(at)
    assert {f"study={name}" for name in bundled_studies()} <= {query for _, query in links}
    assert ("overview", "section=own") in links
    assert ("studies", "section=create") in links
    # The study of this machine, by its title.
    assert "study=trained" in json.dumps(links)


def test_what_is_pinned_and_open_elsewhere_is_neither_lost_nor_written_into_its_address(visit):
    at = visit("budget", study="five", pins="5!0:0_1_2_3_4")
    at.query_params.clear()
    at.switch_page("../pages/start.py").run()
    assert not at.exception
    assert not at.query_params
    at.switch_page("../pages/budget.py").run()
    assert at.session_state["study"] == "five"
    assert at.query_params["pins"] == "5!0:0_1_2_3_4"


def test_an_old_link_to_the_root_is_the_overview(visit):
    at = visit("start", study="five", section="own")
    assert at.title[0].value == "Overview"
    assert at.button_group(key="overview_section").value == "own"
    assert at.session_state["study"] == "five"
