"""The labelling page's server: it listens on this machine only, and answers its own page only."""

import http.client
import io
import socket
from collections.abc import Iterator
from contextlib import redirect_stdout

import pytest
import viser
import websockets
from websockets.datastructures import Headers
from websockets.sync.client import connect

from pipeline.errors import AkdError
from pipeline.label_page import HOST, _LocalServer, free_port
from pipeline.local_handshake import may_answer, only_own_pages


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with redirect_stdout(io.StringIO()):
        with only_own_pages():
            server = _LocalServer(host=HOST, port=free_port(0), verbose=False)
        yield server.get_port()
        server.stop()


def status(port: int, headers: dict[str, str]) -> int:
    connection = http.client.HTTPConnection(HOST, port, timeout=20)
    connection.putrequest("GET", "/", skip_host=True)
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


def handshake(port: int, origin: str | None) -> None:
    """Open the page's socket as a browser on a page of `origin` would."""
    protocol = websockets.Subprotocol(f"viser-v{viser.__version__}")
    with connect(f"ws://{HOST}:{port}", origin=origin, subprotocols=[protocol], open_timeout=20) as opened:  # type: ignore[arg-type]
        assert opened.recv(timeout=20)


def test_the_page_itself_is_answered(port: int):
    for name in ("127.0.0.1", "localhost"):
        assert status(port, {"Host": f"{name}:{port}"}) == 200
        assert status(port, {"Host": f"{name}:{port}", "Origin": f"http://{name}:{port}"}) == 200
        handshake(port, f"http://{name}:{port}")


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "http://127.0.0.1:1", "null", "http://127.0.0.1.evil.example"]
)
def test_a_page_of_another_origin_opens_no_socket(port: int, origin: str):
    with pytest.raises(websockets.InvalidStatus, match="403"):
        handshake(port, origin)
    assert status(port, {"Host": f"127.0.0.1:{port}", "Origin": origin}) == 403


def test_a_name_that_was_pointed_at_this_machine_gets_nothing(port: int):
    """DNS rebinding: evil.example resolves to 127.0.0.1, and the browser takes our answers for its own."""
    assert status(port, {"Host": f"evil.example:{port}"}) == 403
    assert status(port, {"Host": "127.0.0.1"}) == 403
    assert status(port, {}) == 403


def test_it_cannot_be_reached_from_other_machines(port: int):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing; tells this machine's own address
            outside = probe.getsockname()[0]
        except OSError:
            outside = "127.0.0.2"
    with socket.socket() as caller:
        caller.settimeout(5)
        assert caller.connect_ex((outside, port)) != 0


def test_two_hosts_or_two_origins_are_none():
    own = [("Host", "127.0.0.1:80"), ("Origin", "http://127.0.0.1:80")]
    assert may_answer(Headers(own), 80)
    assert not may_answer(Headers([*own, ("Host", "evil.example")]), 80)
    assert not may_answer(Headers([*own, ("Origin", "http://127.0.0.1:80")]), 80)


def test_a_server_that_started_unguarded_is_an_error():
    with pytest.raises(AkdError, match="cannot be guarded"), only_own_pages():
        pass


def test_no_tunnel_is_opened_to_viser_s_own_server(port: int):
    server = _LocalServer.__new__(_LocalServer)
    assert server.request_share_url() is None
