import threading

import pytest

from app.ui import turns
from app.ui.turns import turn


def test_scripts_run_one_after_the_other() -> None:
    inside = most = 0
    counted = threading.Lock()
    done = threading.Barrier(5)

    def script() -> None:
        nonlocal inside, most
        with turn():
            with counted:
                inside += 1
                most = max(most, inside)
            threading.Event().wait(0.01)
            with counted:
                inside -= 1
        done.wait(10)

    for _ in range(4):
        threading.Thread(target=script, daemon=True).start()
    done.wait(10)
    assert most == 1


def test_nobody_waits_longer_for_a_script_that_computes_than_the_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PATIENCE_SECONDS", 0.01)
    with turn():
        beside = threading.Event()

        def script() -> None:
            with turn():
                beside.set()

        threading.Thread(target=script, daemon=True).start()
        assert beside.wait(10)
    # The one that went on without a turn has given nothing back that it did not hold.
    with turn():
        assert not turns._TURN.acquire(blocking=False)


def test_a_script_that_fails_gives_its_turn_back() -> None:
    with pytest.raises(KeyError), turn():
        raise KeyError("page")
    with turn():
        pass
    assert turns._TURN.acquire(blocking=False)
    turns._TURN.release()
