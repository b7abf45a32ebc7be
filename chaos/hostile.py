"""The hostile inputs of `tests/fuzz`, more of them than `make test` sends."""

import dataclasses
from typing import Any

from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from chaos.checks import Check, World
from tests.fuzz.conftest import written_to
from tests.fuzz.judging import Case, judge_all
from tests.fuzz.test_raw_bodies import WRITING, Writing, cases
from tests.fuzz.test_raw_bytes import (
    in_headers,
    in_methods_and_bodies,
    in_parameters,
    in_paths,
    in_queries,
    operations,
)
from tests.support.raw import Service, alive


class Unguarded:
    """The service with one check less: NUL in a query ends in an error that nobody expects."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app

    def __getattr__(self, name: str) -> Any:
        return getattr(self.app, name)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if b"%00" in scope["query_string"]:
            raise ValueError("NUL")
        await self.app(scope, receive, send)


def judged(world: World, service: Service, corpus: list[Case]) -> str:
    """Send a share of them."""
    world.chance.shuffle(corpus)
    if world.sabotage:
        broken: Any = Unguarded(service.app)
        service = dataclasses.replace(service, app=broken)
    return f"{judge_all([service], corpus[: world.rounds(1_000, 50_000)])} of {len(corpus)}"


def run(world: World) -> str:
    """No response is a 5xx, and every refusal is a problem document; reads before writes."""
    with world.databases.loaded() as url:
        settings, keys = written_to([url])
        with alive({world.kind: url}, settings) as (service,):
            reads: list[Case] = list(in_paths())
            for operation in operations(service):
                for make in (in_parameters, in_queries, in_headers, in_methods_and_bodies):
                    reads += make(operation)
            writes = [
                case
                for path, item in service.app.openapi()["paths"].items()
                for method, found in item.items()
                if found["operationId"] in WRITING
                for case in cases(Writing(service.app.openapi(), path, method, found, keys))
            ]
            told = [judged(world, service, corpus) for corpus in (reads, writes)]
    return f"{told[0]} reads and {told[1]} writes: 0 × 5xx, 0 findings"


CHECK = Check(
    "hostile-inputs",
    "hostile inputs in every slot of every operation",
    run,
    "an error for NUL in a query",
)
