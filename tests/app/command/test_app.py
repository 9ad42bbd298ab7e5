import socket

import pytest

from app.command.app import DATA_ROOTS, QUEUE_LIMIT, is_loopback, limits_of_a_shared_server, server_options


@pytest.mark.parametrize(
    ("address", "local"),
    [
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.1.4", False),
        ("localhost.example.com", False),
        ("", False),
    ],
)
def test_only_this_machine_s_addresses_are_local(address, local):
    assert is_loopback(address) is local


def test_settings_are_strict_and_known_to_streamlit():
    from streamlit import config

    options = server_options("127.0.0.1", 8501, headless=True)
    assert set(options) <= set(config._config_options_template)
    assert options["server.address"] == "127.0.0.1"
    assert options["server.enableXsrfProtection"] is True
    assert options["browser.gatherUsageStats"] is False
    assert "localhost" in options["server.allowedHosts"]
    assert server_options("0.0.0.0", 8501, headless=True)["server.allowedHosts"] == ()


def test_a_shared_server_has_limits_unless_its_keeper_sets_others(tmp_path):
    usual = limits_of_a_shared_server({}, tmp_path)
    assert usual == {DATA_ROOTS: str(tmp_path / "data"), QUEUE_LIMIT: "200"}
    assert limits_of_a_shared_server({DATA_ROOTS: "/srv/data", QUEUE_LIMIT: " "}, tmp_path) == {QUEUE_LIMIT: "200"}


def test_a_taken_port_is_one_sentence(refusal):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert f"Port {port} of 127.0.0.1 can't be used" in refusal("app", "--headless", "--port", port)


def test_an_unknown_address_is_one_sentence(refusal):
    assert "is unknown" in refusal("app", "--headless", "--address", "no address")
