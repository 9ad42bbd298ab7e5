import os
import platform
import subprocess
import sys
import threading

import pytest

from core.errors import JobError
from core.jobs.lease import LEASE_SECONDS, Lease, current_host, last_known
from core.studies.database import Database


def test_one_host_at_a_time(database):
    one, other = Lease(database), Lease(database)
    one.acquire()
    with pytest.raises(JobError, match=f"process {os.getpid()} on {platform.node()}"):
        other.acquire()
    one.release()
    other.acquire()
    assert current_host(database).owner == other.owner


def test_taking_it_twice_is_keeping_it(database):
    lease = Lease(database)
    lease.acquire()
    lease.acquire()
    assert current_host(database).alive


def test_a_host_elsewhere_holds_it_as_long_as_it_is_heard_of(database, clock):
    there, here = Lease(database, "elsewhere/1/x"), Lease(database)
    there.acquire()
    clock.now += LEASE_SECONDS - 1
    assert there.renew({"at_work": 2})
    clock.now += LEASE_SECONDS - 1
    with pytest.raises(JobError):
        here.acquire()
    assert current_host(database).report == {"at_work": 2}
    clock.now += 2
    assert not current_host(database).alive
    here.acquire()
    assert not there.renew({})


def test_a_clock_that_is_set_back_keeps_no_dead_host(database, clock):
    Lease(database, "elsewhere/1/x").acquire()
    clock.now -= 3600
    assert current_host(database, seconds=0.2).alive
    here = Lease(database, seconds=0.2)
    here.acquire()
    assert current_host(database).owner == here.owner


def test_a_clock_that_is_behind_takes_no_lease_from_a_living_host(database, clock):
    there = Lease(database, "elsewhere/2/x")
    there.acquire()
    clock.now -= 3600

    def beat():
        while not ended.wait(0.02):
            clock.now += 1
            there.renew({})

    ended = threading.Event()
    ahead = Lease(Database(database.path, lambda: clock.now - 3600), seconds=0.5)
    beating = threading.Thread(target=beat)
    beating.start()
    try:
        with pytest.raises(JobError, match="Another host"):
            ahead.acquire()
    finally:
        ended.set()
        beating.join()


def test_of_a_host_that_is_late_only_what_it_last_said_is_known(database, clock):
    Lease(database, "elsewhere/3/x").acquire()
    host = current_host(database)
    assert last_known(host, clock.now + 2) == clock.now + 2
    assert last_known(host, clock.now + 15) == host.heartbeat
    assert last_known(None, 7.0) == 7.0


def test_a_host_of_this_machine_whose_process_is_gone_is_replaced_at_once(database):
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    Lease(database, f"{platform.node()}/{process.pid}/x").acquire()
    assert not current_host(database).alive
    Lease(database).acquire()
    assert current_host(database).alive


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing tells a zombie")
def test_a_host_that_ended_is_gone_before_its_parent_has_noticed(database):
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    Lease(database, f"{platform.node()}/{process.pid}/x").acquire()
    assert current_host(database).alive
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert not current_host(database).alive
    process.wait()


def test_without_a_host_there_is_none(database):
    assert current_host(database) is None


def test_an_idle_host_goes_only_while_nothing_is_asked_for(database, record, queue, runs):
    database.put(record)
    lease, other = Lease(database), Lease(database, "elsewhere/1/x")
    lease.acquire()
    queue.submit(record.name, runs)
    assert not lease.release_idle()
    assert current_host(database).owner == lease.owner
    queue.cancel([run.key for run in runs])
    assert lease.release_idle()
    assert current_host(database) is None
    other.acquire()
    assert lease.release_idle()
    assert current_host(database).owner == other.owner
