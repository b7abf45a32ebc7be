"""JSON shapes of the service document."""

from datetime import datetime

from pydantic import BaseModel, Field

from app.schemas.notice import Epoch


class Counts(BaseModel):
    """How many of each resource there are."""

    plans: int = Field(examples=[1])
    sections: int = Field(examples=[6])
    items: int = Field(description="numbered items （一）…", examples=[30])
    tasks: int = Field(description="leaves: what somebody answers for", examples=[66])
    agencies: int = Field(examples=[38])
    targets: int = Field(examples=[18])
    platforms: int = Field(examples=[55])


class Links(BaseModel):
    """Where everything is, on this server."""

    plans: str = Field(examples=["/v1/plans"])
    sections: str = Field(examples=["/v1/sections"])
    tasks: str = Field(examples=["/v1/tasks"])
    agencies: str = Field(examples=["/v1/agencies"])
    targets: str = Field(examples=["/v1/targets"])
    platforms: str = Field(examples=["/v1/platforms"])
    reports: str = Field(examples=["/v1/reports"])
    measurements: str = Field(examples=["/v1/measurements"])
    milestones: str = Field(examples=["/v1/milestones"])
    monitoring: str = Field(
        description="a template (RFC 6570)", examples=["/v1/monitoring{?plan,as_of}"]
    )
    assessments: str = Field(examples=["/v1/assessments"])
    bulletins: str = Field(examples=["/v1/bulletins"])
    deadlines: str = Field(examples=["/v1/deadlines.ics"])
    changes: str = Field(examples=["/v1/changes"])
    changes_atom: str = Field(examples=["/v1/changes.atom"])
    checkpoints: str = Field(examples=["/v1/audit/checkpoints"])
    search: str = Field(description="a template (RFC 6570)", examples=["/v1/search{?q}"])
    openapi_json: str = Field(examples=["/openapi.json"])
    openapi_yaml: str = Field(examples=["/openapi.yaml"])
    docs: str = Field(examples=["/docs"])


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
