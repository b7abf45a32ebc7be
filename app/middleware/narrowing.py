"""Routing among the routes that a path may have.

FastAPI tries the routes of one resource after another, and those of the one that fits twice.
"""

from functools import cached_property

from fastapi import APIRouter
from fastapi.routing import iter_route_contexts
from starlette.routing import BaseRoute
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
        templates = [(route, _templates(route)) for route in self.router.routes]
        shapes = {_shape(one) for _, of_route in templates for one in of_route if _is_plain(one)}
        return {
            shape: APIRouter(
                routes=[
                    route
                    for route, of_route in templates
                    if not of_route or any(_may_fit(one, shape) for one in of_route)
                ],
                redirect_slashes=False,
            )
            for shape in shapes
        }


def _templates(route: BaseRoute) -> list[str]:
    """The paths of a route, or of all in an included router; none if it may have any path."""
    paths = [getattr(one, "path", None) for one in iter_route_contexts([route])]
    known = [path for path in paths if path is not None and ":path}" not in path]
    return known if len(known) == len(paths) else []


def _shape(path: str) -> Shape:
    segments = path.split("/")
    count = len(segments)
    return count, *(segments[at] if at < count else "" for at in NAMED)


def _is_plain(template: str) -> bool:
    return not any("{" in segment for segment in _shape(template)[1:])


def _may_fit(template: str, shape: Shape) -> bool:
    count, *named = _shape(template)
    pairs = zip(named, shape[1:], strict=True)
    return count == shape[0] and all("{" in one or one == other for one, other in pairs)
