"""The governments that a key reaches: that for which it was issued, and all below it."""

from typing import Any

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session, aliased

from app.db.models import Plan, Region
from app.http.problems import ForbiddenError, Message
from app.writing.keys import Caller

NO_JURISDICTION = Message(
    "此密钥没有辖区，本服务也未设 WORKPLAN_HOME_JURISDICTION；请管理员用 keys issue --jurisdiction 重新签发。",
    "This key has no jurisdiction, and the service has no WORKPLAN_HOME_JURISDICTION; ask the "
    "administrator for a key that was issued with keys issue --jurisdiction.",
)


def reaches(jurisdiction_code: str | None, column: Any) -> ColumnElement[bool]:
    """The condition that a column has the code of this government or of one below it.

    Without a government, every row meets it.
    """
    if jurisdiction_code is None:
        return true()
    own = aliased(Region)
    below = Region.path.startswith(own.path.concat("/"))
    within = select(Region.code).join(own, (Region.code == own.code) | below)
    reached: ColumnElement[bool] = column.in_(within.where(own.code == jurisdiction_code))
    return reached


def refuse_foreign_plan(session: Session, caller: Caller, plan_id: str) -> None:
    """Refuse a plan of a government that the caller's key does not reach; raises ForbiddenError."""
    of_plan = select(Plan.jurisdiction_code).where(Plan.id == plan_id)
    own = caller.jurisdiction_code
    if own is None:
        raise ForbiddenError(NO_JURISDICTION)
    if session.scalar(of_plan.where(reaches(own, Plan.jurisdiction_code))) is None:
        raise foreign(session, own, session.scalars(of_plan).one())


def foreign(session: Session, own: str, other: str | None) -> ForbiddenError:
    """The refusal of a key of one government for what belongs to another, or to the whole service."""
    codes = [code for code in (own, other) if code]
    names = {
        code: f"{name}（{code}）"
        for code, name in session.execute(
            select(Region.code, Region.name).where(Region.code.in_(codes))
        )
    }
    zh_own, zh_other = (names.get(code or "", code or "") for code in (own, other))
    return ForbiddenError(
        Message(
            f"本密钥属于{zh_own}，只能用于该辖区及其下级；"
            + (f"此处属于{zh_other}，须用该辖区或其上级的密钥。" if other
               else "此处属于整个服务，须用不限辖区的管理员密钥。"),
            f"This key is of {zh_own} and reaches only that jurisdiction and those below it; "
            + (f"this belongs to {zh_other}: use a key of that jurisdiction or of one above it." if other
               else "this belongs to the whole service: use a key of an administrator without a jurisdiction."),
        )
    )  # fmt: skip
