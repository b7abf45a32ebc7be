"""What every app and every engine makes for itself, and what is the same for all in a test process."""

import json
import pickle
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import pytest
from fastapi import FastAPI, routing
from fastapi.routing import APIRoute
from sqlalchemy import Connection, Dialect, Engine, event
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache

from app import main
from app.openapi.docs import routes as docs
from app.openapi.document import as_yaml, openapi_document
from seed import yaml_files
from tests.support import years
from tests.support.once import Once

MOST_STATEMENTS = 5_000


@contextmanager
def contract_made_once(once: Once) -> Iterator[None]:
    """Making the contract takes 0.8 s, and its YAML 0.3 s."""
    made: list[bytes] = []

    def document_of(app: FastAPI) -> Any:
        if not made:
            made.append(pickle.dumps(once("contract", lambda: openapi_document(app))))
        return pickle.loads(made[0])  # noqa: S301 - each app may change its own

    @cache
    def yaml_of(document: str) -> Any:
        return once(f"YAML {document}", lambda: as_yaml(json.loads(document)))

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(main, "openapi_document", document_of)
        patched.setattr(docs, "as_yaml", lambda document: yaml_of(json.dumps(document)))
        yield


@contextmanager
def examples_read_once(once: Once) -> Iterator[None]:
    """Reading the examples takes 2 s, and files of tests on either kind of database begin with it."""
    read = years.read_examples

    @cache
    def pickled() -> bytes:
        return b64decode(once("examples", lambda: b64encode(pickle.dumps(read())).decode()))

    with pytest.MonkeyPatch.context() as patched:
        # Each caller may change its own.
        patched.setattr(years, "read_examples", lambda: pickle.loads(pickled()))  # noqa: S301
        yield


@contextmanager
def routes_made_once() -> Iterator[None]:
    """FastAPI makes models of all parameters again for each app, at its first requests: 0.05 s.

    Of the app itself they hold only its `dependency_overrides`, which no test sets.
    """
    included = routing._IncludedRouter
    make = included._build_effective_context
    made: dict[Any, tuple[APIRoute, Any]] = {}  # with the route, so that its id stays its own

    def once(router: Any, route: APIRoute) -> Any:
        context = router.include_context
        dependencies = tuple(one.dependency for one in context.dependencies)
        key = (id(route), context.prefix, dependencies)
        if key not in made:
            made[key] = route, make(router, route)
        return made[key][1]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(included, "_build_effective_context", once)
        yield


@contextmanager
def yaml_parsed_once() -> Iterator[None]:
    """Each command of the seed reads the registries, which take 0.3 s: the same bytes mean the same."""
    parse = yaml_files.parse_yaml
    parsed: dict[Any, bytes] = {}

    def once(*content: Any) -> Any:
        if content not in parsed:
            parsed[content] = pickle.dumps(parse(*content))
        return pickle.loads(parsed[content])  # noqa: S301 - each caller may change its own

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(yaml_files, "parse_yaml", once)
        yield


@contextmanager
def dialects_initialized_once() -> Iterator[None]:
    """The first connection of each engine asks for version and settings: all servers here are alike."""
    found: dict[type[Dialect], dict[str, Any]] = {}

    def once(initialize: Callable[..., None]) -> Any:
        def ask(dialect: Dialect, connection: Connection) -> None:
            if type(dialect) not in found:
                before = dict(vars(dialect))
                initialize(dialect, connection)
                found[type(dialect)] = {
                    name: value
                    for name, value in vars(dialect).items()
                    if name not in before or before[name] is not value
                }
            vars(dialect).update(found[type(dialect)])

        return ask

    with pytest.MonkeyPatch.context() as patched:
        for kind in (SQLiteDialect_pysqlite, PGDialect_psycopg):  # and what inherits from them
            patched.setattr(kind, "initialize", once(kind.initialize))
        yield


@contextmanager
def statements_compiled_once() -> Iterator[None]:
    """An engine compiles each statement, and tests make thousands of engines: for all of a dialect, once."""
    compiled: LRUCache[Any, Any] = LRUCache(MOST_STATEMENTS)

    def share(connection: Connection) -> None:
        connection.execution_options(compiled_cache=compiled)

    with pytest.MonkeyPatch.context() as patched:
        # A key of SQLAlchemy's caches begins with the dialect, of which each engine has its own.
        patched.setattr(DefaultDialect, "__hash__", lambda dialect: hash(type(dialect)))
        patched.setattr(DefaultDialect, "__eq__", lambda one, other: type(one) is type(other))
        event.listen(Engine, "engine_connect", share)
        yield
        event.remove(Engine, "engine_connect", share)
