"""JSON shapes of search."""

from pydantic import BaseModel, Field

from app.http.parameters import CursorText, PageLimit, ShortText, many
from app.kinds import ResourceKind
from app.reading.governments import GovernmentFilters
from app.reading.list_params import PageInfo, Q
from app.schemas.references import IsExample, Label


class Match(BaseModel):
    """Position of a matching word in a snippet, in Unicode code points, end exclusive."""

    start: int = Field(ge=0, examples=[3])
    end: int = Field(ge=1, examples=[6])


class Snippet(BaseModel):
    """Excerpt of a resource's text around the matching words."""

    field: str = Field(
        description="Member of the resource that the excerpt is from.", examples=["title"]
    )
    start: int = Field(
        ge=0, description="Start of the excerpt in that member, in code points.", examples=[0]
    )
    text: str = Field(examples=["提高“粤商通”平台涉企服务水平"])
    matches: list[Match] = Field(
        description="Matches in `text`, in ascending order, not overlapping."
    )


class SearchHit(BaseModel):
    """A resource that contains all words, or that the query identifies."""

    kind: ResourceKind
    kind_label: Label = Field(examples=["任务"])
    id: str = Field(examples=["gd-dg-2022-t17.2"])
    plan: str | None = Field(
        description="ID of its plan; null for governments, agencies and platforms.",
        examples=["gd-dg-2022"],
    )
    is_example: IsExample
    title: str = Field(examples=["提高“粤商通”平台涉企服务水平"])
    href: str = Field(description="Path of the resource.", examples=["/v1/tasks/gd-dg-2022-t17.2"])
    html_url: str = Field(
        description="Path of the page for people, from the root of the service.",
        examples=["/tasks/gd-dg-2022-t17.2"],
    )
    score: float = Field(
        ge=0.5,
        le=1,
        description="Relevance: 1 if the whole query identifies the resource or all words are in "
        "its title, 0.5 if no word is in its title; in between, rarer words weigh more.",
        examples=[1.0],
    )
    snippet: Snippet


class SearchPage(BaseModel):
    """A page of hits, best first."""

    data: list[SearchHit]
    page: PageInfo


class SearchQuery(GovernmentFilters):
    """The parameters of search."""

    q: ShortText = Field(description=Q, examples=["粤商通"])
    kind: list[ResourceKind] = many("Kinds of resource to search.")
    plan: list[ShortText] = many("Plan ID.", examples=[["gd-dg-2022"]])
    limit: PageLimit = Field(default=100, description="Maximum number of hits per page.")
    cursor: CursorText | None = Field(
        default=None, description="`page.next` of the previous page, unchanged."
    )
