"""References to resources, and what every document has: shapes that all resources share.

Every field is always present; null means "not stated".
"""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from app.enums import JurisdictionLevel

Label = Annotated[str, Field(description="Chinese label of the preceding member.")]
PlanId = Annotated[str, Field(description="Id of a plan.", examples=["gd-dg-2022"])]
MonthDay = Annotated[str, Field(pattern="^[01][0-9]-[0-3][0-9]$", examples=["06-30"])]
Epoch = Annotated[str, Field(pattern="^[0-9a-f]{16}$", examples=["5f3a9c1e0b7d2486"])]


class Versioned(BaseModel):
    """Members of every document: its page, its version and the time of its last change."""

    html_url: str = Field(
        description="Path of the page that shows it to people, such as `/tasks/gd-dg-2022-t17.2`; "
        "put `html_base` of `/v1` before it."
    )
    version: int = Field(
        ge=1, description="Version of this document; increases with each change.", examples=[1]
    )
    changed_at: datetime = Field(description="Time of the last change of this document.")


class Span(BaseModel):
    """A range of the plan's restored text, in Unicode code points; `end` is exclusive."""

    start: int = Field(ge=0, examples=[6074])
    end: int = Field(ge=1, examples=[6200])


class SectionRef(BaseModel):
    """Reference to a section."""

    id: str = Field(examples=["gd-dg-2022-s4"])
    code: str = Field(
        description="Number of the section in the plan; in an annex, behind the annex: a1-2.",
        examples=["4"],
    )
    title: str = Field(description="Heading of the section.", examples=["彰显数字政府服务新成效"])


class TaskRef(BaseModel):
    """Reference to a task."""

    id: str = Field(examples=["gd-dg-2022-t17.2"])
    code: str = Field(examples=["17.2"])
    title: str = Field(examples=["提高“粤商通”平台涉企服务水平"])


class AgencyRef(BaseModel):
    """Reference to an agency."""

    id: str = Field(examples=["gd-public-security"])
    name: str = Field(examples=["省公安厅"])


class PlatformRef(BaseModel):
    """Reference to a platform."""

    id: str = Field(examples=["yue-shang-tong"])
    name: str = Field(examples=["粤商通"])


class JurisdictionRef(BaseModel):
    """Reference to a government by its GB/T 2260 code; 100000 is the nation."""

    code: str = Field(examples=["440000"])
    name: str = Field(examples=["广东省"])
    level: JurisdictionLevel = Field(examples=["province"])
    level_label: Label = Field(examples=["省级"])


IsExample = Annotated[
    bool,
    Field(
        description="Whether it belongs to a government that does not exist, made up as an example.",
        examples=[False],
    ),
]


class PlaceRef(BaseModel):
    """Reference to a place by its GB/T 2260 code."""

    code: str = Field(examples=["440300"])
    name: str = Field(examples=["深圳市"])
