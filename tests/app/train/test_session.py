import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.train.session import QUEUE_LIMIT, browser_id, queue_limit
from core.errors import JobError


@given(st.text(min_size=1), st.text(min_size=1))
def test_a_browser_has_one_name_that_hides_its_cookie(one, other):
    assert browser_id(one) == browser_id(one)
    assert (browser_id(one) == browser_id(other)) == (one == other)
    assert len(browser_id(one)) == 16
    assert len(one) < 4 or one not in browser_id(one)


@given(st.binary(min_size=16, max_size=16), st.binary(min_size=4, max_size=4), st.binary(min_size=4, max_size=4))
def test_a_browser_keeps_its_name_though_every_reload_masks_its_cookie_anew(token, one, other):
    def cookie(mask: bytes) -> str:
        masked = bytes(byte ^ mask[place % 4] for place, byte in enumerate(token))
        return f"2|{mask.hex()}|{masked.hex()}|1795361036"

    assert browser_id(cookie(one)) == browser_id(cookie(other))


@pytest.mark.parametrize("cookie", ["", "2|", "2|xy|00|1", "2||00|1", "2|00|zz|1", "2|é|00|1", "1|2|3|4|5"])
def test_a_cookie_that_somebody_made_up_is_a_browser_too(cookie):
    assert len(browser_id(cookie)) == 16


@pytest.mark.parametrize(("text", "limit"), [(None, None), ("", None), ("  ", None), ("1", 1), (" 200 ", 200)])
def test_there_is_no_limit_unless_somebody_sets_one(monkeypatch, text, limit):
    monkeypatch.delenv(QUEUE_LIMIT, raising=False)
    if text is not None:
        monkeypatch.setenv(QUEUE_LIMIT, text)
    assert queue_limit() == limit


@pytest.mark.parametrize("text", ["0", "-1", "many", "1.5", "١٢x"])
def test_a_limit_that_is_no_number_is_refused(monkeypatch, text):
    monkeypatch.setenv(QUEUE_LIMIT, text)
    with pytest.raises(JobError, match=f"{QUEUE_LIMIT} is .*whole number from 1"):
        queue_limit()
