"""JSON shapes of problem documents (RFC 9457)."""

from pydantic import BaseModel, ConfigDict, Field


class ProblemJurisdiction(BaseModel):
    """Government of a candidate."""

    code: str = Field(description="GB/T 2260 code.", examples=["440000"])
    name: str = Field(examples=["广东省"])


class ProblemCandidate(BaseModel):
    """A resource that an ambiguous name may mean."""

    id: str = Field(examples=["gd-all-cities"])
    jurisdiction: ProblemJurisdiction | None = Field(
        description="Its government, which `jurisdiction=` takes; null if it has none."
    )


class ProblemField(BaseModel):
    """An invalid parameter or field."""

    model_config = ConfigDict(title="ProblemField", serialize_by_alias=True)

    in_: str = Field(
        alias="in", description="Location: query, path, header or body.", examples=["query"]
    )
    name: str = Field(examples=["agency"])
    message: str = Field(description="What is wrong and what is expected.")
    allowed: list[str] | None = Field(
        description="Allowed values, or suggestions; null if there are none."
    )
    candidates: list[ProblemCandidate] | None = Field(
        description="What an ambiguous name may mean, at most 20; null for all other errors."
    )


class Problem(BaseModel):
    """A problem document (RFC 9457), `application/problem+json`."""

    type: str = Field(
        description="Stable problem type; links to a page on this server that explains it.",
        examples=["/problems/invalid-parameters"],
    )
    title: str = Field(examples=["参数不符合要求"])
    status: int = Field(ge=400, le=599, examples=[422])
    detail: str
    instance: str = Field(description="Requested path.")
    request_id: str = Field(description="Request id; include it when you report the problem.")
    errors: list[ProblemField]


class HistoryChangedProblem(Problem):
    """Problem: the position belongs to an earlier epoch of the feed; a mirror must start again."""

    epoch: str = Field(description="Current epoch of the feed.", examples=["5f3a9c1e0b7d2486"])
    head: int = Field(ge=0, description="Number of the latest change.")
    download: str = Field(
        description="Download to start again from; it states its `seq` and `epoch`. A URI template "
        "(RFC 6570) unless one plan was requested.",
        examples=["/v1/plans/{plan_id}/download"],
    )
