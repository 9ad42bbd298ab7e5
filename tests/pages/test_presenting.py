"""Presenter mode is kept from page to page, and leaves out what stands beside the figures."""


def test_it_goes_from_page_to_page_until_it_is_switched_off(visit):
    at = visit("budget", study="five", present="1")
    # The page is drawn when the browser says that its text is large.
    assert not at.title
    at.run()
    assert at.title
    assert not any(each.label == "How is this computed?" for each in at.expander)
    at.switch_page("../pages/affinity.py").run()
    assert not at.exception
    assert at.query_params["present"] == "1"
    assert at.toggle(key="presenter_switch").value
    at.toggle(key="presenter_switch").set_value(False).run()
    at.run()
    assert "present" not in at.query_params
    assert any(each.label == "How is this computed?" for each in at.expander)


def test_what_a_link_says_wrong_presents_nothing(visit):
    at = visit("storage", present="yes")
    assert "present" not in at.query_params
    assert not at.toggle(key="presenter_switch").value
