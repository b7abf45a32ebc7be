"""JSON shapes of the service document."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field, create_model

from app.kinds import NOTICE_KINDS, OF_AGENCIES, OF_OTHERS
from app.schemas.references import Epoch, JurisdictionRef

_COUNTS: dict[str, Any] = {
    count.name or kind.plural: (
        int,
        Field(description=count.description, examples=[count.example]),
    )
    for kind in NOTICE_KINDS
    for count in kind.counts
}


class Counts(create_model("Counts", **_COUNTS)):  # type: ignore[misc]
    """Number of published resources of each kind."""


# The links of the service document: name → path.
LINKS: dict[str, str] = {
    **{kind.plural: kind.path for kind in (*NOTICE_KINDS, *OF_AGENCIES)},
    "monitoring": "/v1/monitoring{?plan,as_of}",
    **{kind.plural: kind.path for kind in OF_OTHERS},
    "deadlines": "/v1/deadlines.ics",
    "changes": "/v1/changes",
    "changes_atom": "/v1/changes.atom",
    "checkpoints": "/v1/audit/checkpoints",
    "search": "/v1/search{?q}",
    "openapi_json": "/openapi.json",
    "openapi_yaml": "/openapi.yaml",
    "docs": "/docs",
}


def _link(path: str) -> Any:
    """The member of a link."""
    description = "URI template (RFC 6570)." if "{" in path else None
    return str, Field(description=description, examples=[path])


_LINKS: dict[str, Any] = {name: _link(path) for name, path in LINKS.items()}


class Links(create_model("Links", **_LINKS)):  # type: ignore[misc]
    """Links to all resources of this server."""


class Licence(BaseModel):
    """Terms of use of the data."""

    name: str
    basis: str = Field(description="Legal basis.")


class Service(BaseModel):
    """Service document: title, counts and links."""

    title: str
    revision: int = Field(
        description="Number that rises with each change of any data.", examples=[1]
    )
    changed_at: datetime | None = Field(
        description="Time of the last change of any data; null if there is no data."
    )
    epoch: Epoch = Field(description="Epoch of the change feed; a restore starts a new one.")
    html_base: str = Field(
        description="Base of the pages for people: put it before `html_url`. It has a host if the "
        "operator has set the public URL.",
        examples=[""],
    )
    home_jurisdiction: JurisdictionRef | None = Field(
        description="Government whose names come first in filters such as `agency`; null if the "
        "operator has set none."
    )
    counts: Counts
    links: Links
    licence: Licence
