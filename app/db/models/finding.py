"""The text index of published rows, and what totals are summed from."""

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import STRICT, Base


class SearchEntry(Base):
    """The searchable text of a published row, folded by `folding.folded`.

    `search_index(rowid, grams)` has the grams of each entry: FTS5 on SQLite, a tsvector on
    PostgreSQL; see `search_index.py`.
    """

    __tablename__ = "search_entry"
    __table_args__ = (UniqueConstraint("resource", "id"), STRICT)

    number: Mapped[int] = mapped_column(
        primary_key=True
    )  # rowid of the index; tie-breaker of the order
    resource: Mapped[str]
    id: Mapped[str]
    plan_id: Mapped[str | None] = mapped_column(ForeignKey("plan.id"), index=True)
    title: Mapped[str]
    body: Mapped[str]
    marks: Mapped[str]  # what filters ask for; see `projections/marks.py`
    folding: Mapped[int] = mapped_column(
        server_default="0"
    )  # the version `folding.FOLDING` that it was folded by


class SearchReference(Base):
    """A reference that identifies an entry: its id, code, label, citation or document number."""

    __tablename__ = "search_reference"
    __table_args__ = STRICT

    key: Mapped[str] = mapped_column(primary_key=True)  # by `ngrams.reference_key`
    number: Mapped[int] = mapped_column(
        ForeignKey("search_entry.number", ondelete="CASCADE"), primary_key=True, index=True
    )


class SearchGram(Base):
    """The number of entries with a gram, for ranking by rarity and for totals without counting."""

    __tablename__ = "search_gram"
    __table_args__ = STRICT

    gram: Mapped[str] = mapped_column(primary_key=True)
    entries: Mapped[int]


class Tally(Base):
    """The number of tasks or targets of a plan that hold the same; see `projections/tallies.py`."""

    __tablename__ = "tally"
    __table_args__ = (Index(None, "resource", "link", "held", "rows"), STRICT)

    plan_id: Mapped[str] = mapped_column(ForeignKey("plan.id"), primary_key=True)
    resource: Mapped[str] = mapped_column(primary_key=True)  # task, target
    link: Mapped[str] = mapped_column(primary_key=True)  # assignment, mention
    held: Mapped[str] = mapped_column(primary_key=True)  # guide government,lead department
    rows: Mapped[int]
    period: Mapped[str]  # of the plan, as that of a section


class PeriodTally(Base):
    """The tallies of all plans of a period together: as many rows, however many plans there are."""

    __tablename__ = "period_tally"
    __table_args__ = STRICT

    resource: Mapped[str] = mapped_column(primary_key=True)
    link: Mapped[str] = mapped_column(primary_key=True)
    period: Mapped[str] = mapped_column(primary_key=True)
    held: Mapped[str] = mapped_column(primary_key=True)
    rows: Mapped[int]
