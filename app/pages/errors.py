"""Errors as pages, where the path is that of a page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import urlencode

from fastapi import Request, Response

from app.http.etags import is_page
from app.http.languages import in_script
from app.http.problems import ApiError, FieldError, problem_response
from app.pages.rendering import View, page_language, render

LONGEST_KEPT = 1000  # characters of a query, which some 100 links repeat


@dataclass(frozen=True)
class Mistake:
    """A parameter that is invalid, and the page with each value that is valid."""

    name: str
    message: str
    pages: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class ErrorView(View):
    """What went wrong, and where to go on."""

    template: ClassVar = "error.html"
    heading: str
    detail: str
    errors: Sequence[Mistake]


def problem_or_page(request: Request, error: ApiError) -> Response:
    """A page if the path is that of a page and is only read, else the problem document."""
    if is_page(request.scope) and request.method in ("GET", "HEAD"):
        return error_page(request, error)
    return problem_response(request.scope, error)


def error_page(request: Request, error: ApiError) -> Response:
    """The page of a problem; its status and headers are those of the problem document."""
    language = page_language(request)

    def mistake(field: FieldError) -> Mistake:
        pages = {
            in_script(value, language): _page_with(request, field.name, value)
            for value in field.allowed or ()
        }
        return Mistake(field.name, field.message.in_(language), pages)

    view = ErrorView(
        heading=error.title.in_(language),
        detail=error.detail.in_(language),
        errors=[mistake(one) for one in error.errors],
    )
    response = render(request, view)
    response.status_code = error.status
    response.headers["Cache-Control"] = "no-store"
    response.headers.update(error.headers)
    return response


def _page_with(request: Request, name: str, value: str) -> str:
    """The same page with another value of a parameter; without the others where they are long."""
    given = request.query_params.multi_items() if len(request.url.query) <= LONGEST_KEPT else []
    others = [pair for pair in given if pair[0] != name]
    return f"{request.url.path}?{urlencode([*others, (name, value)])}"
