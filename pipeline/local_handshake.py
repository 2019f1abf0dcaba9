"""Whom a server on this machine answers: its own pages, and nobody's else.

A page of any site can open a WebSocket to 127.0.0.1 (browsers ask no leave for that), and a site whose name points to
127.0.0.1 can fetch what is served there (DNS rebinding). The first is told by its Origin, the second by its Host.
viser checks neither and has no setting for it, so its handshake is wrapped while it starts.
"""

import http
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import websockets.asyncio.server
from websockets.asyncio.server import ServerConnection
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from pipeline.errors import AkdError

NAMES = ("127.0.0.1", "localhost")
_starting = threading.Lock()


def may_answer(headers: Headers, port: int) -> bool:
    """Whether a request is of this machine's own page: it names us as its host, and as its origin if it has one."""
    hosts = [f"{name}:{port}" for name in NAMES]
    origins = headers.get_all("Origin")
    return (
        len(headers.get_all("Host")) == 1
        and headers["Host"] in hosts
        and len(origins) <= 1
        and all(origin in [f"http://{host}" for host in hosts] for origin in origins)
    )


@contextmanager
def only_own_pages() -> Iterator[None]:
    """A server of the websockets library that starts inside answers its own pages only.

    Raises:
        AkdError: no server came by: it would have been open to all.
    """
    original: Any = websockets.asyncio.server.serve
    guarded: list[bool] = []

    def serve(*arguments: Any, process_request: Any = None, **options: Any) -> Any:
        guarded.append(True)
        return original(*arguments, process_request=_guarded(process_request), **options)

    with _starting:
        websockets.asyncio.server.serve = serve  # type: ignore[assignment,misc]
        try:
            yield
        finally:
            websockets.asyncio.server.serve = original  # type: ignore[misc]
    if not guarded:
        raise AkdError("this version of viser starts its server in a way that cannot be guarded; install viser 1.1")


def _guarded(answer: Callable[..., Response | None] | None) -> Callable[..., Response | None]:
    def process_request(connection: ServerConnection, request: Request) -> Response | None:
        if not may_answer(request.headers, connection.local_address[1]):
            return connection.respond(http.HTTPStatus.FORBIDDEN, "this page answers its own origin only\n")
        return answer(connection, request) if answer else None

    return process_request
