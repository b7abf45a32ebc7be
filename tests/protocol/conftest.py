"""A server with an application that says what it was asked, and a connection to it."""

from collections.abc import Iterator

import pytest

from tests.support.echo import EchoServer, echoing
from tests.support.raw_connection import RawConnection, connected


@pytest.fixture(scope="package")
def server() -> Iterator[EchoServer]:
    with echoing() as running:
        yield running


@pytest.fixture
def line(server: EchoServer) -> Iterator[RawConnection]:
    with connected(server.port) as connection:
        yield connection
