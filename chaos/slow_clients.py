"""Idle, half-handshake, half-head and half-body connections beside an honest client."""

import asyncio
import contextlib
import itertools
import resource
import shutil
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager

from chaos.checks import Check, World
from chaos.proxy import HOST, proxying, trusting
from tests.support.serving import serving_apart

HONEST, AT_ONCE = 300, 100  # requests; connections that are opened at once
ENOUGH = 10  # failed requests, after which the rest is left out
FLOOR = 0.05  # seconds: below this, twice as much is only noise
HEAD = b"POST /v1/tasks HTTP/1.1\r\nHost: %b\r\n" % HOST.encode()
PARTS = {
    "idle": b"",
    "half handshake": b"\x16\x03\x01",
    "half head": HEAD,
    "half body": HEAD + b"Content-Length: 1000\r\nContent-Type: application/json\r\n\r\n{",
}
Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def addresses() -> Iterator[str]:
    """Clients that are not all one: a limit counts by address."""
    return (f"127.{a}.{b}.2" for a in itertools.count(1) for b in range(250))


@contextmanager
def many_files() -> Iterator[int]:
    """As many as this process may have; it may not be enough for all."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        yield hard
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


class Clients:
    """Honest and other connections to a port."""

    def __init__(self, port: int, tls: ssl.SSLContext | None) -> None:
        self.port, self.tls = port, tls
        self.open: list[Line] = []

    async def half(self, what: str, address: str) -> None:
        """One that never completes."""
        begins_tls = self.tls if what.startswith(("half head", "half body")) else None
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(30):
                line = await asyncio.open_connection(
                    "127.0.0.1", self.port, ssl=begins_tls, local_addr=(address, 0)
                )
                line[1].write(PARTS[what])
                self.open.append(line)

    async def honest(self, what: str) -> float:
        """The 99th percentile of reads on new connections, in seconds; none may fail."""
        took, failed = [], 0
        for number in range(HONEST):
            if failed == ENOUGH:
                break
            began = time.monotonic()
            try:
                async with asyncio.timeout(10):
                    reader, writer = await asyncio.open_connection(
                        "127.0.0.1", self.port, ssl=self.tls
                    )
                    path = f"/v1/tasks?limit={number % 50 + 1}&q={number}"
                    head = f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n"
                    writer.write(head.encode())
                    failed += b" 200 " not in (await reader.read()).partition(b"\r\n")[0]
                    writer.close()
            except (OSError, TimeoutError):
                failed += 1
            took.append(time.monotonic() - began)
        assert not failed, f"{failed} of {len(took)} honest requests failed {what}"
        return sorted(took)[HONEST * 99 // 100]

    async def beside(self, count: int) -> tuple[float, float, int]:
        """The percentile alone and beside so many; how many are open."""
        alone = await self.honest("alone")
        # Those that send more come last: a proxy may close an idle one for them.
        kinds = [what for what in PARTS for _ in range(count // len(PARTS))]
        given = list(zip(kinds, addresses(), strict=False))
        for first in range(0, count, AT_ONCE):
            await asyncio.gather(*(self.half(*one) for one in given[first : first + AT_ONCE]))
        opened = len(self.open)
        try:
            return alone, await self.honest(f"beside {opened}"), opened
        finally:
            for _, writer in self.open:
                writer.transport.abort()


def run(world: World) -> str:
    """The honest client waits at most twice as long."""
    count = world.rounds(1_000, 10_000)
    with contextlib.ExitStack() as stack:
        files = stack.enter_context(many_files())
        count = min(count, files - 200)
        url = stack.enter_context(world.databases.loaded())
        running = stack.enter_context(serving_apart(url, WORKPLAN_TRUSTED_PROXIES="127.0.0.1"))
        port, tls = running.port, None
        if shutil.which("nginx"):
            limits = not world.sabotage
            port = stack.enter_context(proxying(world.folder, [port], limits=limits))
            tls = trusting()
        elif world.sabotage:  # the service itself may open few files
            resource.prlimit(running.process.pid, resource.RLIMIT_NOFILE, (64, 64))
        alone, beside, opened = asyncio.run(Clients(port, tls).beside(count))
    through = "through nginx" if tls else "direct"
    told = f"p99 {alone * 1000:.0f} ms alone, {beside * 1000:.0f} ms beside {opened}, {through}"
    assert beside <= max(2 * alone, FLOOR), told
    assert opened > count * 0.9, f"only {opened} of {count} connections were opened"
    return f"{told}; 0 failed"


CHECK = Check(
    "slow-clients",
    "idle, half-handshake, half-head and half-body connections beside an honest client",
    run,
    "nginx counts connections of all clients together, which may take an hour; direct: 64 files",
    kinds=("sqlite",),
    sabotaged=("sqlite",),
)
