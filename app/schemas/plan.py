"""The JSON shape of a plan."""

from datetime import date

from pydantic import BaseModel, Field

from app.enums import PlanKind, PlanStatus, Script
from app.schemas.references import IsExample, JurisdictionRef, Label, PlanId, Versioned


class CorrectionCounts(BaseModel):
    """Number of corrections proven by the bytes, and of those based on context."""

    mechanical: int = Field(examples=[1661])
    editorial: int = Field(examples=[11])


class Source(BaseModel):
    """Origin of the text, with hashes to verify it."""

    address: str | None = Field(description="Web address of the source; null if not recorded.")
    retrieved_on: date | None = Field(description="Date of retrieval; null if not recorded.")
    received_script: Script
    received_script_label: Label = Field(examples=["繁体"])
    raw_sha256: str = Field(description="SHA-256 of the file as received, in hexadecimal.")
    text_sha256: str = Field(description="SHA-256 of the restored text in UTF-8, in hexadecimal.")
    text_length: int = Field(
        description="Length of the restored text in code points.", examples=[10237]
    )
    corrections: CorrectionCounts


class PlanPeriod(BaseModel):
    """First and last day of a plan's period."""

    start_on: date = Field(examples=["2022-01-01"])
    end_on: date = Field(examples=["2022-12-31"])


class PlanReading(BaseModel):
    """Who read the notice and who checked it, and how much of it became data.

    Everything that could be a commitment is read into the plan or explained by a rule.
    """

    read_on: date | None = Field(
        description="Date of the reading; null for plans loaded before 0.6.0.",
        examples=["2026-11-23"],
    )
    read_by: str | None = Field(description="Reader, as named by the operator.")
    checked_on: date | None = Field(description="Date of the check; null if not checked.")
    checked_by: str | None = Field(description="Checker, another person than the reader.")
    explained_share: float | None = Field(
        ge=0,
        le=1,
        description="Share of the numbers, dates, labels and role clauses of the text that are "
        "explained by a rule (dates of reference, names, …) and not part of a task or target; null "
        "for plans loaded before 0.6.0.",
        examples=[0.1119],
    )
    set_aside_share: float | None = Field(
        ge=0,
        le=1,
        description="Share of the text's code points that is not part of the plan: page furniture, "
        "file codes, imprint, table of contents; null for plans loaded before 0.6.0.",
        examples=[0],
    )
    signs_acknowledged: int | None = Field(
        ge=0,
        description="Signs of a wrong reading that a person acknowledged as in the original; null "
        "for plans loaded before 0.6.0.",
        examples=[0],
    )


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
    jurisdiction: JurisdictionRef
    is_example: IsExample
    title: str = Field(examples=["广东省数字政府改革建设2022年工作要点"])
    kind: PlanKind
    kind_label: Label = Field(examples=["年度要点"])
    document_number: str | None = Field(examples=["粤办函〔2022〕24号"])
    issuer: str | None = Field(examples=["广东省人民政府办公厅"])
    issued_on: date | None = Field(
        description="Date of issue; null unless year, month and day are known.",
        examples=["2022-02-28"],
    )
    period: PlanPeriod | None = Field(description="Period of the plan; null if not stated.")
    year: int | None = Field(
        description="Year of the plan; null unless its period is one calendar year.",
        examples=[2022],
    )
    series: str | None = Field(
        description="Slug of the series of plans that continues from year to year.",
        examples=["gd-digital-government"],
    )
    supersedes: str | None = Field(description="Id of the plan that it replaces, if loaded.")
    superseded_by: str | None = Field(description="Id of the plan that replaces it, if loaded.")
    addressees: list[str]
    preamble: str | None
    closing: str | None
    status: PlanStatus
    status_label: Label = Field(examples=["现行"])
    source: Source
    reading: PlanReading
    counts: PlanCounts
