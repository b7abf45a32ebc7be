"""Two instances restarted one after the other under load."""

import asyncio
import contextlib
import itertools
import shutil
from collections import Counter

from chaos.checks import Check, World
from chaos.proxy import HOST, proxying, trusting
from tests.support.serving import PATIENCE, Running, free_port, start, status_of, until

CLIENTS, PAUSE = 6, 0.02  # seconds between the requests of a client


class Load:
    """Clients with connections that stay open; through nginx, or choosing themselves.

    Without a proxy, a client goes to the other instance if it is not let in, as a proxy does, and
    says so to nobody; a request that was begun counts.
    """

    def __init__(self, ports: list[int], *, through_proxy: bool) -> None:
        self.ports, self.tls = ports, trusting() if through_proxy else None
        self.seen: Counter[str] = Counter()
        self.numbers = itertools.count()
        self.ended = False

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        for nth in itertools.count(next(self.numbers)):
            port = self.ports[nth % len(self.ports)]
            try:
                return await asyncio.open_connection("127.0.0.1", port, ssl=self.tls)
            except OSError:
                if nth > next(self.numbers) + 50:
                    raise
                await asyncio.sleep(PAUSE)
        raise AssertionError

    async def client(self) -> None:
        line = None
        while not self.ended:
            fresh = line is None
            try:
                line = line or await self.connect()
                reader, writer = line
                path = f"/v1/tasks?limit={next(self.numbers) % 900 + 1}&q=a"
                writer.write(f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
                async with asyncio.timeout(30):
                    head = (await reader.readuntil(b"\r\n\r\n")).lower()
                    length = head.partition(b"content-length: ")[2].partition(b"\r\n")[0]
                    await reader.readexactly(int(length))
                self.seen[head.split()[1].decode()] += 1
                if b"connection: close" in head:
                    writer.close()
                    line = None
            except asyncio.IncompleteReadError as cut:
                line = None  # an idle connection may end as a request is sent: clients repeat it
                if fresh or cut.partial:
                    self.seen["cut"] += 1
            except (OSError, TimeoutError) as error:
                if fresh or not isinstance(error, ConnectionError):
                    self.seen[type(error).__name__] += 1
                line = None
            await asyncio.sleep(PAUSE)

    async def beside(self, restart: "Restarts") -> None:
        clients = [asyncio.create_task(self.client()) for _ in range(CLIENTS)]
        await asyncio.to_thread(restart.all)
        self.ended = True
        await asyncio.gather(*clients)


class Restarts:
    """Each instance in turn, as an operator does."""

    def __init__(self, url: str, rounds: int, *, gentle: bool) -> None:
        self.url, self.rounds, self.gentle = url, rounds, gentle
        self.running = [self.start(free_port()) for _ in range(2)]
        for one in self.running:
            self.wait(one)

    def start(self, port: int) -> Running:
        return start(self.url, port, WORKPLAN_TRUSTED_PROXIES="127.0.0.1")

    def wait(self, one: Running) -> None:
        until(lambda: status_of(one.port, "/readyz") == 200, PATIENCE, "ready")

    def all(self) -> None:
        for _ in range(self.rounds):
            for nth, one in enumerate(self.running):
                if self.gentle:
                    one.terminate()
                else:
                    one.kill()
                self.running[nth] = self.start(one.port)
                self.wait(self.running[nth])

    def end(self) -> None:
        for one in self.running:
            one.kill()


def run(world: World) -> str:
    """No request fails."""
    rounds = world.rounds(2, 20)
    with contextlib.ExitStack() as stack:
        url = stack.enter_context(world.databases.loaded())
        restarts = Restarts(url, rounds, gentle=not world.sabotage)
        stack.callback(restarts.end)
        ports = [one.port for one in restarts.running]
        through = bool(shutil.which("nginx")) and not world.sabotage  # nginx repeats reads
        if through:
            ports = [stack.enter_context(proxying(world.folder, ports))]
        load = Load(ports, through_proxy=through)
        asyncio.run(load.beside(restarts))
    failed = load.seen.total() - load.seen["200"]
    assert not failed, f"{failed} of {load.seen.total()} requests failed: {dict(load.seen)}"
    way = "through nginx" if through else "direct"
    return f"{2 * rounds} restarts, {load.seen['200']} requests {way}, 0 failed"


CHECK = Check(
    "rolling",
    "two instances restarted in turn under 6 clients",
    run,
    "`kill -9` in place of SIGTERM, without a proxy that repeats reads",
)
