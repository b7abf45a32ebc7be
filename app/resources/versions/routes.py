"""`/v1/…/{id}/versions`: what each resource was before, for every kind of resource."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.http.problems import GoneError, InvalidCursorError, NotFoundError, documented
from app.kinds import KINDS
from app.kinds.kind import Kind
from app.reading.one import ResourceId
from app.reading.transaction import ReaderDep
from app.resources.versions import queries
from app.resources.versions.schemas import ResourceVersionPage, VersionListQuery, VersionNumber
from app.routing import Operation

router = APIRouter(route_class=Operation)


def _add_versions(kind: Kind) -> None:
    """Add the two paths of a kind: `listTaskVersions`, `getTaskVersion`."""
    path = f"{kind.path}/{{resource_id}}/versions"

    @router.get(
        path,
        tags=[kind.plural],
        name=f"list_{kind.name}_versions",
        response_model=ResourceVersionPage,
        responses=documented(NotFoundError, InvalidCursorError),
        description=f"{kind.label}的各版本。List the versions of one {kind.name}, newest first.\n\n"
        "They begin with the first load by release 0.6.0, and include a withdrawal.",
    )
    async def list_versions(
        request: Request,
        reader: ReaderDep,
        resource_id: ResourceId,
        params: Annotated[VersionListQuery, Query()],
    ) -> Response:
        return await queries.list_versions(request, reader, kind, resource_id, params)

    @router.get(
        f"{path}/{{version}}",
        tags=[kind.plural],
        name=f"get_{kind.name}_version",
        response_model=kind.schema,
        responses=documented(NotFoundError, GoneError),
        description=f"{kind.label}的一个版本。Get one {kind.name} as it was in one of its versions.\n\n"
        "It has the shape of this contract, whatever the release that recorded it.",
    )
    async def get_version(
        reader: ReaderDep, resource_id: ResourceId, version: VersionNumber
    ) -> Response:
        return await queries.get_version(reader, kind, resource_id, version)


for _kind in KINDS:
    _add_versions(_kind)
