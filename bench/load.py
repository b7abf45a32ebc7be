"""Load: wrk for throughput (closed loop), and requests at a fixed rate for latency (open loop)."""

import asyncio
import re
import shutil
import statistics
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

CONNECTIONS = 32
PATIENCE = 30  # seconds until a response counts as missing; wrk's own 2 are too few for slow peers
UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3}


class NoLoadError(RuntimeError):
    """A measured server failed."""


@dataclass(frozen=True)
class Run:
    """One run: requests a second, and the 99th percentile of latency in milliseconds."""

    per_second: float
    p99: float


def wrk(url: str, seconds: int, headers: dict[str, str]) -> Run:
    """As many requests as 32 connections get answered; raises NoLoadError for any failure."""
    program = shutil.which("wrk")
    if not program:
        raise FileNotFoundError("wrk is needed: apt-get install wrk")
    given = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
    command = [program, "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", f"--timeout={PATIENCE}s"]
    command += ["--latency", *given, url]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    if done.returncode or "Non-2xx or 3xx" in said or "Socket errors" in said:
        raise NoLoadError(f"{url} failed under load:\n{said}")
    rate = re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)
    p99 = re.search(r"99%\s+([\d.]+)(us|ms|s)", done.stdout)
    if not rate or not p99:
        raise NoLoadError(f"wrk said what is not understood:\n{said}")
    return Run(float(rate[1]), float(p99[1]) * UNITS[p99[2]])


def at_rate(url: str, per_second: int, seconds: float) -> list[float]:
    """Latencies in milliseconds of requests sent at a fixed rate, whoever is still waiting.

    Each is counted from the moment when it should have been sent, so that a server that stalls
    cannot hide it (coordinated omission).
    """
    return asyncio.run(at_rate_beside(url, per_second, seconds))


async def at_rate_beside(url: str, per_second: int, seconds: float) -> list[float]:
    """The same, beside other load in the same event loop."""
    parts = urlsplit(url)
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    request = f"GET {target} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode()
    idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
    opened: list[asyncio.StreamWriter] = []
    latencies: list[float] = []

    async def one(due: float) -> None:
        if idle:
            reader, writer = idle.pop()
        else:
            reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
            opened.append(writer)
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        if b" 200 " not in head.split(b"\r\n")[0] or not length:
            raise NoLoadError(f"{url} answered {head!r}")
        await reader.readexactly(int(length[1]))
        latencies.append((time.perf_counter() - due) * 1000)
        idle.append((reader, writer))

    began = time.perf_counter()
    try:
        async with asyncio.TaskGroup() as group:
            for number in range(int(per_second * seconds)):
                due = began + number / per_second
                if (early := due - time.perf_counter()) > 0:
                    await asyncio.sleep(early)
                group.create_task(one(due))
    finally:
        for writer in opened:
            await close(writer)
    return latencies


async def close(writer: asyncio.StreamWriter) -> None:
    """Close a connection, also one that the server has closed."""
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


def percentile(values: list[float], part: float) -> float:
    """The value that a part (0–1) of all is not above."""
    return statistics.quantiles(values, n=1000, method="inclusive")[round(part * 1000) - 1]
