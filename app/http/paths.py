"""Paths of the service as its clients see them."""

from typing import Any

from starlette.types import Scope


def prefixed(scope: Scope, path: str) -> str:
    """A path as the client of a request reaches it."""
    return f"{scope.get('prefix', '')}{path}"


def list_path(table: Any) -> str:
    """The path of the list of a table's rows."""
    name: str = table.__tablename__.replace("_", "-")
    return f"/v1/{name[:-1]}ies" if name.endswith("y") else f"/v1/{name}s"
