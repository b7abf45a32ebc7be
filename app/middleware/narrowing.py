"""Routing among the routes that a path may have, each of which is tried once.

FastAPI tries the routes of one resource after another, and those of the one that fits twice.
"""

from collections.abc import Iterable, Iterator
from functools import cached_property

from fastapi import APIRouter
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Receive, Scope, Send

NAMED = (1, 2, 4)  # the segments that tell routes apart: v1, tasks, reports
Shape = tuple[int, *tuple[str, ...]]  # how many segments there are, and these


class Narrowed:
    """Passes a request to a router that has, in their order, the routes that may fit its path."""

    def __init__(self, router: APIRouter) -> None:
        self.router = router

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        router = self.router
        if scope["type"] == "http":
            scope.setdefault("router", router)
            router = self.narrowed.get(_shape(scope["path"]), router)
        await router.app(scope, receive, send)

    @cached_property
    def narrowed(self) -> dict[Shape, APIRouter]:
        """A router for each shape that a template names; any other path is for the whole one."""
        templates = [
            (route, [_shape(one) for one in _templates(route)])
            for route in _direct(self.router.routes)
        ]
        shapes = {one for _, of_route in templates for one in of_route if _is_plain(one)}
        routes: dict[Shape, list[BaseRoute]] = {shape: [] for shape in shapes}
        for route, of_route in templates:
            matching = {shape for one in of_route for shape in _fitting(one, shapes)}
            for shape in matching if of_route else shapes:
                routes[shape].append(route)
        return {shape: APIRouter(routes=of, redirect_slashes=False) for shape, of in routes.items()}


class DirectRoute(Route):
    """An operation of an included router, without that router around it."""

    def __init__(self, included: RouteContext) -> None:
        path, endpoint = included.path, included.endpoint
        assert path is not None  # noqa: S101 - an operation has one, and an endpoint
        assert endpoint is not None  # noqa: S101
        super().__init__(path, endpoint, name=included.name)
        self.methods = included.methods  # without HEAD, which Starlette adds
        self.app = included.app
        self.operation = included.original_route

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        match, found = super().matches(scope)
        if match is not Match.NONE:
            found["route"] = self.operation  # as FastAPI names it
        return match, found


def _direct(routes: Iterable[BaseRoute]) -> Iterator[BaseRoute]:
    """The routes, in their order, with those of an included router in its place."""
    for route in routes:
        included = list(iter_route_contexts([route]))
        if all(
            one.original_route is not route and isinstance(one.original_route, APIRoute)
            for one in included
        ):
            yield from map(DirectRoute, included)
        else:
            yield route


def _templates(route: BaseRoute) -> list[str]:
    """The paths of a route, or of all in an included router; none if it may have any path."""
    paths = [getattr(one, "path", None) for one in iter_route_contexts([route])]
    known = [path for path in paths if path is not None and ":path}" not in path]
    return known if len(known) == len(paths) else []


def _shape(path: str) -> Shape:
    segments = path.split("/")
    count = len(segments)
    return count, *(segments[at] if at < count else "" for at in NAMED)


def _is_plain(template: Shape) -> bool:
    _, *segments = template
    return not any("{" in segment for segment in segments)


def _fitting(template: Shape, shapes: set[Shape]) -> set[Shape]:
    """Those that a path of the template may have."""
    if _is_plain(template):
        return {template}
    return {
        shape
        for shape in shapes
        if template[0] == shape[0]
        and all(
            "{" in one or one == other for one, other in zip(template[1:], shape[1:], strict=True)
        )
    }
