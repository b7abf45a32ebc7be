"""JSON shapes of the service document."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field, create_model

from app.kinds import NOTICE_KINDS, OF_AGENCIES, OF_OTHERS
from app.schemas.notice import Epoch

_COUNTS: dict[str, Any] = {
    count.name or kind.plural: (
        int,
        Field(description=count.description, examples=[count.example]),
    )
    for kind in NOTICE_KINDS
    for count in kind.counts
}


class Counts(create_model("Counts", **_COUNTS)):  # type: ignore[misc]
    """How many of each resource there are."""


def _link(path: str, description: str | None = None) -> Any:
    return str, Field(description=description, examples=[path])


_TEMPLATE = "a template (RFC 6570)"
_LINKS: dict[str, Any] = {
    **{kind.plural: _link(kind.path) for kind in (*NOTICE_KINDS, *OF_AGENCIES)},
    "monitoring": _link("/v1/monitoring{?plan,as_of}", _TEMPLATE),
    **{kind.plural: _link(kind.path) for kind in OF_OTHERS},
    "deadlines": _link("/v1/deadlines.ics"),
    "changes": _link("/v1/changes"),
    "changes_atom": _link("/v1/changes.atom"),
    "checkpoints": _link("/v1/audit/checkpoints"),
    "search": _link("/v1/search{?q}", _TEMPLATE),
    "openapi_json": _link("/openapi.json"),
    "openapi_yaml": _link("/openapi.yaml"),
    "docs": _link("/docs"),
}


class Links(create_model("Links", **_LINKS)):  # type: ignore[misc]
    """Where everything is, on this server."""


class Licence(BaseModel):
    """Under which terms the data may be used."""

    name: str
    basis: str = Field(description="the rule that says so")


class Service(BaseModel):
    """The service document: what this is and where everything is."""

    title: str
    revision: int = Field(description="rises with each change of any data", examples=[1])
    changed_at: datetime | None = Field(description="when the data changed last; null: no data")
    epoch: Epoch = Field(description="history of the change feed; another one after a restore")
    counts: Counts
    links: Links
    licence: Licence
