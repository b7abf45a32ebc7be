"""JSON shapes of a comparison of two documents."""

import re

from pydantic import BaseModel, Field

from app.enums import DifferenceOperation
from app.http.parameters import Query, ShortText
from app.kinds import PublishedKind
from app.schemas.ranges import TextRange
from app.schemas.references import Label

NAMED = re.compile(r"([\w.-]+)(?:@([1-9]\d{0,8}))?", re.ASCII)  # id, or id@version
OF_TWO = (
    "ID of a {} resource, such as a task, target or plan, or one of its versions as `id@version`."
)


class CompareQuery(Query):
    """The parameters of a comparison."""

    a: ShortText = Field(description=OF_TWO.format("first"), examples=["gd-dg-2022-t17.1"])
    b: ShortText = Field(
        description=f"{OF_TWO.format('second')} It has the kind of `a`; the other order redirects.",
        examples=["gd-dg-2022-t17.2"],
    )


class ComparedDocument(BaseModel):
    """One of the two documents."""

    id: str = Field(examples=["gd-dg-2022-t17.2"])
    version: int = Field(ge=1, description="Version of the document that was compared.")
    title: str


class TextDifference(BaseModel):
    """A part of two texts; all parts in order make up both texts."""

    op: DifferenceOperation
    op_label: Label
    a: TextRange
    b: TextRange


class MemberDifference(BaseModel):
    """A member in which two documents differ."""

    name: str = Field(
        description="Name of the member; dots lead into objects.", examples=["progress.status"]
    )
    a: str | None = Field(
        description="Value in the first document: a text as it is, all else as JSON; null if null."
    )
    b: str | None = Field(description="Value in the second document.")
    diff: list[TextDifference] = Field(
        description="Differences of two texts, word by word: a word is a Chinese character, a "
        "Latin word or a number. [] if one of the values is no text."
    )


class DocumentComparison(BaseModel):
    """Two documents of a kind: the members in which they differ."""

    resource: PublishedKind
    resource_label: Label = Field(examples=["任务"])
    a: ComparedDocument
    b: ComparedDocument
    differences: list[MemberDifference] = Field(
        description="Members that differ, in the order of the document; without `id`, `version` "
        "and `changed_at`."
    )
