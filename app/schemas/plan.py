"""The JSON shape of a plan."""

from datetime import date

from pydantic import BaseModel, Field

from app.enums import PlanStatus, Script
from app.schemas.notice import Label, PlanId, Versioned


class CorrectionCounts(BaseModel):
    """Number of corrections proven by the bytes, and of those based on context."""

    mechanical: int = Field(examples=[1661])
    editorial: int = Field(examples=[11])


class Source(BaseModel):
    """Origin of the text, with hashes to verify it."""

    received_script: Script
    received_script_label: Label = Field(examples=["繁体"])
    raw_sha256: str = Field(description="SHA-256 of the file as received, in hexadecimal.")
    text_sha256: str = Field(description="SHA-256 of the restored text in UTF-8, in hexadecimal.")
    text_length: int = Field(
        description="Length of the restored text in code points.", examples=[10237]
    )
    corrections: CorrectionCounts


class PlanCounts(BaseModel):
    """Number of resources in a plan."""

    sections: int = Field(examples=[6])
    items: int = Field(description="Numbered items （一）….", examples=[30])
    tasks: int = Field(
        description="Leaf tasks: tasks to which agencies are assigned.", examples=[66]
    )
    assignments: int = Field(examples=[86])
    agencies: int = Field(description="Distinct agencies assigned.", examples=[38])
    targets: int = Field(examples=[18])


class Plan(Versioned):
    """A notice and its work plan."""

    id: PlanId
    title: str = Field(examples=["广东省数字政府改革建设2022年工作要点"])
    document_number: str = Field(examples=["粤办函〔2022〕24号"])
    issuer: str = Field(examples=["广东省人民政府办公厅"])
    issued_on: date = Field(examples=["2022-02-28"])
    year: int = Field(examples=[2022])
    addressees: list[str]
    preamble: str | None
    closing: str | None
    status: PlanStatus
    status_label: Label = Field(examples=["现行"])
    source: Source
    counts: PlanCounts
