"""How plans go on from earlier ones: comparisons, and what a person decided about them."""

from decimal import Decimal

from sqlalchemy import ForeignKey, ForeignKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import STRICT, Base
from app.enums import LineageBasis, LineageRelation


class Comparison(Base):
    """The finished comparison of two plans."""

    __tablename__ = "comparison"
    __table_args__ = STRICT

    later_id: Mapped[str] = mapped_column(ForeignKey("plan.id"), primary_key=True)
    earlier_id: Mapped[str] = mapped_column(ForeignKey("plan.id"), primary_key=True, index=True)
    document: Mapped[str]  # JSON, exactly as it is sent
    is_lineage: Mapped[bool]  # neighbours in a series, or decided; others were asked for by someone


class LineageLink(Base):
    """That a task or a target goes on from one of an earlier plan."""

    __tablename__ = "lineage_link"
    __table_args__ = (
        ForeignKeyConstraint(
            ["later_plan_id", "earlier_plan_id"],
            ["comparison.later_id", "comparison.earlier_id"],
            name="fk_lineage_link_comparison",
        ),
        STRICT,
    )

    later_id: Mapped[str] = mapped_column(primary_key=True)
    earlier_id: Mapped[str] = mapped_column(primary_key=True, index=True)
    later_plan_id: Mapped[str] = mapped_column(index=True)
    earlier_plan_id: Mapped[str] = mapped_column(index=True)
    relation: Mapped[LineageRelation | None]  # of tasks
    similarity: Mapped[Decimal]
    basis: Mapped[LineageBasis]


class LineageDecision(Base):
    """What `continues` in an editorial.yaml decides, in its order."""

    __tablename__ = "lineage_decision"
    __table_args__ = STRICT

    plan_id: Mapped[str] = mapped_column(ForeignKey("plan.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    earlier_plan_id: Mapped[str] = mapped_column(index=True)  # may be loaded later
    task_id: Mapped[str | None]  # None: the plan as a whole
    continues_id: Mapped[str | None]  # None: the task goes on from none of that plan
    relation: Mapped[LineageRelation | None]
