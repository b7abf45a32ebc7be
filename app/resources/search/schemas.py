"""JSON shapes of search."""

from pydantic import BaseModel, Field

from app.http.parameters import CursorText, PageLimit, Query, ShortText, many
from app.kinds import ResourceKind
from app.reading.list_params import PageInfo
from app.schemas.notice import Label


class Match(BaseModel):
    """Where a word stands in a snippet, in Unicode code points, end exclusive."""

    start: int = Field(ge=0, examples=[3])
    end: int = Field(ge=1, examples=[6])


class Snippet(BaseModel):
    """The words in their surroundings."""

    field: str = Field(description="the field of the resource that it is from", examples=["title"])
    start: int = Field(ge=0, description="where in that field it begins", examples=[0])
    text: str = Field(examples=["提高“粤商通”平台涉企服务水平"])
    matches: list[Match] = Field(description="places in `text`, in its order, none overlapping")


class SearchHit(BaseModel):
    """A resource that has all the words, or is named by them."""

    kind: ResourceKind
    kind_label: Label = Field(examples=["任务"])
    id: str = Field(examples=["gd-dg-2022-t17.2"])
    plan: str | None = Field(
        description="id of its plan; null for agencies and platforms", examples=["gd-dg-2022"]
    )
    title: str = Field(examples=["提高“粤商通”平台涉企服务水平"])
    href: str = Field(description="its path", examples=["/v1/tasks/gd-dg-2022-t17.2"])
    score: float = Field(
        ge=0.5,
        le=1,
        description="1 where the whole query names it or all words are in the title, "
        "0.5 where none is; "
        "between, rarer words weigh more",
        examples=[1.0],
    )
    snippet: Snippet


class SearchPage(BaseModel):
    """A page of hits, best first."""

    data: list[SearchHit]
    page: PageInfo


class SearchQuery(Query):
    """What is searched for, and where."""

    q: ShortText = Field(
        description="words that must all match, in either script, from one character up; quotes, brackets, 、, · "
        "and + between Chinese characters make no difference; "
        '`"…"` is one word, of at most 12; a citation, a label, a document number or an id finds what it names',
        examples=["粤商通"],
    )
    kind: list[ResourceKind] = many("kinds of resource that are wanted")
    plan: list[ShortText] = many("id of a plan", examples=[["gd-dg-2022"]])
    limit: PageLimit = Field(default=100, description="hits on a page, at the most")
    cursor: CursorText | None = Field(
        default=None, description="`page.next` of the page before, as it is"
    )
