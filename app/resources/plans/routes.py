"""`/v1/plans`: notices, their text and its corrections."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.db.models import Plan as PlanRow
from app.db.revision import READ_REVISION, DataVersion, validate_by_version
from app.http.languages import language_of
from app.http.media_types import (
    BINARY,
    DOWNLOAD_FORMATS,
    EXPORTS,
    JSON_TYPE,
    PICTURE_TYPE,
    TEXT_FORMATS,
    TEXT_TYPE,
    PictureResponse,
    also_as,
    attachment,
    chosen,
    header_for,
)
from app.http.negotiation import HEADERS_ONLY
from app.http.paths import prefixed
from app.http.problems import GoneError, InvalidCursorError, NotFoundError, documented
from app.projections.json_text import as_json
from app.reading.one import DocumentParams, ResourceId, one_document, one_row
from app.reading.paging import list_page
from app.reading.transaction import ReaderDep
from app.reading.versions import IMMUTABLE, is_past
from app.resources.plans.download import read_download, written
from app.resources.plans.past_download import read_past_download
from app.resources.plans.queries import (
    PLANS,
    PlanListQuery,
    page_image,
    plan_text,
    source_boxes,
)
from app.resources.plans.schemas import (
    PageNumber,
    PlanDownload,
    PlanDownloadQuery,
    PlanPage,
    PlanText,
    PlanTextQuery,
    SourceBox,
    SourceBoxQuery,
)
from app.routing import Operation
from app.schemas.plan import Plan

router = APIRouter(route_class=Operation, prefix="/v1/plans", tags=["plans"])
PICTURE = {"webp": PICTURE_TYPE}


@router.get(
    "",
    response_model=PlanPage,
    responses={**EXPORTS, **documented(InvalidCursorError)},
)
async def list_plans(
    request: Request, reader: ReaderDep, params: Annotated[PlanListQuery, Query()]
) -> Response:
    """全部工作要点。List plans, each with its source and counts."""
    return await list_page(request, reader, PLANS, params, params.sort)


@router.get(
    "/{plan_id}",
    response_model=Plan,
    responses=documented(NotFoundError, GoneError),
)
async def get_plan(
    request: Request, reader: ReaderDep, plan_id: ResourceId, params: DocumentParams
) -> Response:
    """一份工作要点。Get one plan."""
    return await one_document(request, reader, PlanRow, plan_id, params)


@router.get(
    "/{plan_id}/download",
    response_model=PlanDownload,
    responses={**also_as(DOWNLOAD_FORMATS), **documented(NotFoundError, GoneError)},
)
async def download_plan(
    request: Request,
    reader: ReaderDep,
    plan_id: ResourceId,
    params: Annotated[PlanDownloadQuery, Query()],
) -> Response:
    """整份下载。The whole plan in one file: text, sections, agencies, tasks, targets and reported facts.

    `seq` and `epoch` are its position in the change feed: pass them to `/v1/changes` to follow
    later changes. With `at` it is the position of the newest change in it.
    """
    media_type = chosen(request, params.format, DOWNLOAD_FORMATS)
    header = header_for(media_type, params.header)
    language = language_of(request.scope)
    headers = attachment(plan_id, media_type)
    if media_type in BINARY:
        headers["Content-Language"] = language
    if params.at is not None and is_past(request, params.at):
        headers |= IMMUTABLE
        download = await read_past_download(reader, plan_id, params.at)
    else:
        revision = (await reader.execute(READ_REVISION)).one()
        validate_by_version(request.scope, DataVersion(*revision))
        if request.scope.get(HEADERS_ONLY):
            await one_row(reader, PlanRow, plan_id)
            return Response(media_type=media_type, headers=headers)
        download = await read_download(reader, plan_id, prefixed(request.scope, ""))
    content = written(download, media_type, header, language)
    return Response(content, media_type=media_type, headers=headers)


@router.get(
    "/{plan_id}/text",
    response_model=PlanText,
    responses={
        **also_as(TEXT_FORMATS),
        **documented(NotFoundError, GoneError),
    },
)
async def get_plan_text(
    request: Request,
    reader: ReaderDep,
    plan_id: ResourceId,
    params: Annotated[PlanTextQuery, Query()],
) -> Response:
    """通知全文及逐处校正。The restored text, to which all spans refer, with every correction.

    If the source is a PDF, `pages` has the part of the text on each of its pages.

    `text/plain` returns the text alone.
    """
    media_type = chosen(request, params.format, TEXT_FORMATS)
    if media_type == TEXT_TYPE:  # without reading its many corrections
        body = (await one_row(reader, PlanRow, plan_id, PlanRow.text)).text
    else:
        prefix = prefixed(request.scope, "")
        body = as_json(await plan_text(reader, plan_id, prefix))
    return Response(body, media_type=media_type, headers={"Vary": "Accept"})


@router.get(
    "/{plan_id}/text/boxes",
    response_model=list[SourceBox],
    responses=documented(NotFoundError, GoneError),
)
async def get_plan_text_boxes(
    reader: ReaderDep, plan_id: ResourceId, params: Annotated[SourceBoxQuery, Query()]
) -> Response:
    """原文件上的位置。Where a span of the text is printed: lines and table cells of the PDF, with boxes.

    In the order of the text; a line belongs to it as a whole if the span has any of its words. `[]`
    if the source is no PDF, and for words that have no place in it.
    """
    boxes = await source_boxes(reader, plan_id, params.start, params.end)
    return Response(as_json(boxes), media_type=JSON_TYPE)


@router.get(
    "/{plan_id}/text/pages/{number}/image",
    response_class=PictureResponse,
    responses={**also_as(PICTURE), **documented(NotFoundError, GoneError)},
)
async def get_plan_page_image(
    request: Request, reader: ReaderDep, plan_id: ResourceId, number: PageNumber
) -> Response:
    """原文件一页的图像。Picture of a page of the PDF that a plan came in, as WebP.

    404 if the operator publishes none.
    """
    image = await page_image(reader, plan_id, number)
    # Middleware converts no response that names a language.
    return PictureResponse(image, headers={"Content-Language": language_of(request.scope)})
