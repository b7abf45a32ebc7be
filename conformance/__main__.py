"""`python -m conformance URL`: exits with 0 if every rule passes, 1 if one fails, 2 if not run."""

import argparse
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TextIO

import httpx2 as httpx
import yaml

from conformance.contract import PUBLISHED, Contract
from conformance.report import lines_of, summary
from conformance.rules import Result, Rule, run
from conformance.server import Server, WrongAnswerError
from conformance.topics import ORDER, rules_of

KEPT, BROKEN, NOT_ASKED = 0, 1, 2
SECONDS = 30.0  # for one answer


def main(arguments: Sequence[str] | None = None) -> int:
    """Ask the server that the command line names."""
    parser = argparse.ArgumentParser("python -m conformance", description=__doc__)
    parser.add_argument("url", help="address of the service, such as http://localhost:8000")
    parser.add_argument(
        "--contract", type=Path, default=PUBLISHED, help="OpenAPI 3.1 document to test against"
    )
    parser.add_argument(
        "--only", action="append", choices=ORDER, help="check only this topic; repeatable"
    )
    parser.add_argument("--timeout", type=float, default=SECONDS, help="seconds for one response")
    given = parser.parse_args(arguments)
    try:
        contract = Contract.read(given.contract)
    except (OSError, ValueError, yaml.YAMLError) as error:
        return _refuse(f"The contract cannot be read: {error}")
    try:
        client = httpx.Client(base_url=given.url, timeout=given.timeout)
        if client.base_url.scheme not in ("http", "https") or not client.base_url.host:
            return _refuse(
                f"{given.url} is no URL of a service; expected one such as http://localhost:8000"
            )
    except httpx.InvalidURL as error:
        return _refuse(f"{given.url} is no URL: {error}")
    with client:
        return check(client, contract, rules_of(*given.only or ()), sys.stdout)


def check(client: httpx.Client, contract: Contract, rules: Sequence[Rule], out: TextIO) -> int:
    """Ask a server, and write what came of each rule as soon as it is known."""
    server = Server(client, contract)
    began = time.monotonic()
    try:
        before = _revision(server)
    except httpx.HTTPError as error:
        told = f"{type(error).__name__} {error}".rstrip()
        return _refuse(f"{client.base_url} could not be reached: {told}")
    results: list[Result] = []
    for result in run(server, rules):
        results.append(result)
        for line in lines_of(result):
            print(line, file=out, flush=True)
    for line in _closing(server, results, len(rules), began, before):
        print(line, file=out)
    complete = len(results) == len(rules)
    return KEPT if complete and not any(result.failures for result in results) else BROKEN


def _closing(
    server: Server, results: Sequence[Result], rules: int, began: float, before: object
) -> Iterator[str]:
    yield from summary(results, rules, server.requests, time.monotonic() - began)
    if before is None:
        yield "/v1 is not a service document; is this the address of a Work Plan API?"
    if len(results) == rules and any(result.failures for result in results):
        try:
            after = _revision(server)
        except httpx.HTTPError:
            return
        if before != after:
            yield f"The data changed during the run (revision {before}, now {after}); run it again."


def _revision(server: Server) -> object:
    """The number of the data, or None where the answer says none."""
    answer = server.ask("GET", "/v1")
    try:
        return answer.json()["revision"]
    except (WrongAnswerError, LookupError, TypeError):
        return None  # the rules will say what is wrong with it


def _refuse(message: str) -> int:
    print(message, file=sys.stderr)
    return NOT_ASKED


if __name__ == "__main__":
    if hasattr(signal, "SIGPIPE"):  # of the whole process, so only where it is our own
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `| head` ends it quietly
    sys.exit(main())
