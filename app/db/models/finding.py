"""What search knows of the rows that are published."""

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import STRICT, Base


class SearchEntry(Base):
    """What search sees of a published row: its words, folded as `folding.folded` does it.

    Beside it stands `search_index(rowid, grams)`, by which entries are found: FTS5 on SQLite, a
    tsvector on PostgreSQL; see `search_index.py`.
    """

    __tablename__ = "search_entry"
    __table_args__ = (UniqueConstraint("resource", "id"), STRICT)

    number: Mapped[int] = mapped_column(primary_key=True)  # rowid of the index; order among equals
    resource: Mapped[str]
    id: Mapped[str]
    plan_id: Mapped[str | None] = mapped_column(ForeignKey("plan.id"), index=True)
    title: Mapped[str]
    body: Mapped[str]
    folding: Mapped[int] = mapped_column(server_default="0")  # `folding.FOLDING` that made it


class SearchReference(Base):
    """What an entry is found by as a whole: its id, code, label, citation or document number."""

    __tablename__ = "search_reference"
    __table_args__ = STRICT

    key: Mapped[str] = mapped_column(primary_key=True)  # as `grams.reference_key` writes it
    number: Mapped[int] = mapped_column(
        ForeignKey("search_entry.number", ondelete="CASCADE"), primary_key=True, index=True
    )


class SearchGram(Base):
    """In how many entries a gram is: its rarity, and totals without counting."""

    __tablename__ = "search_gram"
    __table_args__ = STRICT

    gram: Mapped[str] = mapped_column(primary_key=True)
    entries: Mapped[int]
