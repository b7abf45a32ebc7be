"""Parts that all replaceable facts share."""

from typing import Any

from sqlalchemy import Select, and_, select
from sqlalchemy.orm import aliased

from app.db.models import Fact, Withdrawal
from app.enums import labelled
from app.formats.columns import CHANGED, closed_set, inside, instant, listed, prose, text
from app.kinds.document import Document, moment

STANDING = [  # the state of a fact
    listed("evidence", "佐证", "evidence", "url", " "),
    *closed_set("state", "效力"),
    text("replaces", "更正的编号", width=20),
    text("replaced_by", "更正后的编号", width=20),
    *inside("withdrawal", prose("reason", "撤回理由"), instant("withdrawn_at", "撤回时间")),
    instant("recorded_at", "提交时间"),
    *CHANGED,
]


def standing(fact: Any, withdrawal: Any, replaced_by: str | None) -> Document:
    """The last members of every fact: its state, and what replaces it."""
    return {
        "evidence": fact.evidence,
        **labelled("state", fact.state),
        "replaces": fact.replaces_id,
        "replaced_by": replaced_by,
        "withdrawal": withdrawal
        and {"reason": withdrawal.reason, "withdrawn_at": moment(withdrawal.withdrawn_at)},
        "recorded_at": moment(fact.recorded_at),
    }


def with_standing(fact: type[Fact], *columns: Any) -> Select[Any]:
    """Select a fact, its withdrawal, and the id of the fact that replaces it."""
    model: Any = fact
    later = aliased(model)
    return (
        select(model, Withdrawal, later.id, *columns)
        .outerjoin(
            Withdrawal,
            and_(Withdrawal.resource == model.__tablename__, Withdrawal.id == model.id),
        )
        .outerjoin(later, later.replaces_id == model.id)
    )
