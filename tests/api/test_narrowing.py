"""A request is tried with the routes that its path may have, and gets the same route as by all."""

import asyncio
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import Match, Route

from app.main import create_app
from app.middleware.narrowing import DirectRoute, Narrowed
from app.settings import Settings

METHODS = ("GET", "POST", "PATCH", "DELETE")


@pytest.fixture(scope="module")
def app() -> FastAPI:
    return create_app(Settings(database_url="sqlite://"))


def paths_of(app: FastAPI) -> list[str]:
    """A path for each template, and what resembles it."""
    found = set()
    for one in iter_route_contexts(app.router.routes):
        assert one.path
        path = "/".join("x.svg" if "{" in part else part for part in one.path.split("/"))
        found |= {path, f"{path}/", f"{path}/x", f"{path}/reports", path.replace("x.svg", "tasks")}
    return sorted(found)


def fitting(router: APIRouter, path: str, method: str) -> list[tuple[Any, Match, Any]]:
    """The routes that fit, in their order: how, and what they add to the scope."""
    found = []
    for one in iter_route_contexts(router.routes):
        scope = {"type": "http", "path": path, "method": method, "headers": [], "root_path": ""}
        match, added = one.matches(scope)
        if match is not Match.NONE:
            operation = getattr(one.original_route, "operation", one.original_route)
            assert added.pop("route", operation) is operation
            found.append((operation, match, added))
    return found


def test_every_path_has_the_same_routes_as_among_all(app: FastAPI) -> None:
    narrowed = app.router.middleware_stack
    assert isinstance(narrowed, Narrowed)
    for path in paths_of(app):
        router = chosen(narrowed, path)
        for method in METHODS:
            assert fitting(router, path, method) == fitting(app.router, path, method), path
    assert chosen(narrowed, "/v1/nothing/x") is app.router


def test_every_template_is_tried_alone_with_the_others_of_its_shape_and_not_within_a_router(
    app: FastAPI,
) -> None:
    narrowed = app.router.middleware_stack
    assert isinstance(narrowed, Narrowed)
    assert [route.methods for route in chosen(narrowed, "/v1/tasks/x/reports").routes] == [  # type: ignore[attr-defined]
        {"GET"},
        {"POST"},
    ]
    tried = [route for router in narrowed.narrowed.values() for route in router.routes]
    assert {type(route) for route in tried} == {DirectRoute, Route}
    assert max(len(router.routes) for router in narrowed.narrowed.values()) == 2


def test_routes_that_fit_by_parameters_come_first_where_they_are_declared_first() -> None:
    router = APIRouter()
    templates = ["/v1/{kind}/{id}/reports", "/v1/tasks/{id}/{part}", "/v1/tasks/{id}/reports"]
    for template in [*templates, "/v1/tasks", "/v1/tasks/{rest:path}"]:
        router.add_api_route(template, lambda: None)
    narrowed = Narrowed(router)
    for path in (
        "/v1/tasks/x/reports",
        "/v1/tasks/x/y",
        "/v1/tasks/x/y/z",
        "/v1/tasks",
        "/v1/tasks/",
    ):
        assert fitting(chosen(narrowed, path), path, "GET") == fitting(router, path, "GET")
    assert len(fitting(router, "/v1/tasks/x/reports", "GET")) == 4
    assert len(chosen(narrowed, "/v1/tasks").routes) == 2


def chosen(narrowed: Narrowed, path: str) -> APIRouter:
    """The router that a request is passed to."""
    seen: list[APIRouter] = []

    async def unused(*_: Any) -> Any:
        raise AssertionError

    with pytest.MonkeyPatch.context() as patched:

        async def note(self: APIRouter, scope: Any, receive: Any, send: Any) -> None:
            seen.append(self)

        patched.setattr(APIRouter, "app", note)
        asyncio.run(narrowed({"type": "http", "path": path}, unused, unused))
    return seen[0]
