import threading

from core.jobs.engine import EngineSettings
from core.jobs.host import serve
from core.jobs.lease import Lease, current_host
from core.jobs.stop_host import stop_host


def test_without_a_host_there_is_nothing_to_end_and_nothing_is_made(database):
    assert not stop_host(database)
    assert not database.path.parent.exists()


def test_a_host_that_lost_its_lease_hears_of_it_and_another_may_come(database):
    first, second = Lease(database, owner="there/1/a"), Lease(database, owner="there/2/b")
    first.acquire()
    assert stop_host(database)
    assert current_host(database) is None
    assert not first.renew({})
    second.acquire()
    first.release()
    assert current_host(database).owner == second.owner


def test_a_host_at_work_ends_when_it_is_asked(database):
    seen = threading.Event()
    thread = threading.Thread(
        target=serve,
        args=(database, EngineSettings(workers=1, processes=False)),
        kwargs={"on_tick": seen.set},
    )
    thread.start()
    assert seen.wait(60)
    assert stop_host(database)
    thread.join(60)
    assert not thread.is_alive()
    assert current_host(database) is None
