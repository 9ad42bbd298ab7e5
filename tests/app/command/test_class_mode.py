from datetime import UTC, datetime

import click
import pytest
import trustme
from click.testing import CliRunner

from app.classroom.server_lock import only_server
from app.classroom.store import FILE, ClassStore
from app.command.class_mode import check_certificate, who_reaches
from app.command.entry import main


def test_a_class_that_a_stopped_server_left_can_be_deleted(own_home):
    store = ClassStore(own_home / FILE)
    store.begin("x", datetime.now(UTC))
    store.close()
    said = [CliRunner().invoke(main, ["class", "--end"]).stdout for _ in range(2)]
    assert ("deleted" in said[0], "No class" in said[1]) == (True, True)
    assert list(own_home.iterdir()) == []


def test_the_class_of_a_running_server_is_not_deleted(own_home):
    ClassStore(own_home / FILE).close()
    with only_server(own_home):
        refused = CliRunner().invoke(main, ["class", "--end"])
    assert (refused.exit_code, "A server holds" in refused.output) == (2, True)
    assert (own_home / FILE).exists()
    assert "deleted" in CliRunner().invoke(main, ["class", "--end"]).stdout


def test_a_certificate_and_its_key_belong_together(tmp_path):
    authority = trustme.CA()
    paths = []
    for name in ("one", "other"):
        issued = authority.issue_cert("localhost")
        paths.append((tmp_path / f"{name}.pem", tmp_path / f"{name}-key.pem"))
        issued.cert_chain_pems[0].write_to_path(paths[-1][0])
        issued.private_key_pem.write_to_path(paths[-1][1])
    check_certificate(None, None)
    check_certificate(*paths[0])
    with pytest.raises(click.UsageError, match="go together"):
        check_certificate(paths[0][0], None)
    for key in (paths[1][1], paths[0][0]):
        with pytest.raises(click.UsageError, match="can't be used together"):
            check_certificate(paths[0][0], key)


def test_a_class_says_who_reaches_it_and_what_a_bystander_reads():
    everywhere, open_to_read = who_reaches("0.0.0.0", 8501, encrypted=False)
    assert ("all addresses" in everywhere, "--address" in everywhere, "--certificate" in open_to_read) == (True,) * 3
    alone, hidden = who_reaches("127.0.0.1", 8501, encrypted=True)
    assert ("only this machine" in alone, "--certificate" in hidden) == (True, False)
