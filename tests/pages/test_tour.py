"""The guided tour: from Start on request, and over with the first page that is not its own."""


def test_it_begins_on_request_and_ends_where_somebody_goes_another_way(visit, sent_to):
    at = visit("start")
    offered = sent_to(at, "tour_card")
    assert offered["stop"] is None
    assert offered["offers"]
    (button,) = [each for each in at.button if each.label == "Take the tour"]
    button.click().run()
    assert not at.exception
    assert at.query_params["tour"] == "1"
    assert sent_to(at, "tour_card")["stop"]["page"] == "start"
    at.switch_page("../pages/storage.py").run()
    assert "tour" not in at.query_params
    assert at.session_state["tour"] == ""


def test_a_link_opens_a_stop_on_its_own_page_only(visit, sent_to):
    at = visit("branching", tour="4", study="scenes")
    assert sent_to(at, "tour_card")["stop"]["number"] == 4
    for page, number in (("budget", "4"), ("budget", "99"), ("start", "x")):
        at = visit(page, tour=number)
        assert "tour" not in at.query_params, (page, number)
