"""No plan supersedes itself, through whatever others: those that would are left out of a load."""

from collections.abc import Mapping, Sequence

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from app.db.models import Plan
from seed.notice_files import ReadNotice

SUPERSEDED = select(Plan.supersedes_id).where(Plan.id == bindparam("plan"))


def without_circles(
    session: Session, notices: Sequence[ReadNotice], left_out: list[str]
) -> list[ReadNotice]:
    """The notices whose plans do not supersede themselves; the others are added to `left_out`."""
    given = {notice.plan.id: notice for notice in notices}
    while circles := _circles(session, given):  # without these, what is stored of them counts
        for circle in circles:
            for place, plan in enumerate(circle):
                if given.pop(plan, None):
                    chain = " supersedes ".join([*circle[place:], *circle[:place], plan])
                    left_out.append(
                        f"{plan}: supersedes: {chain}; "
                        "expected the id of an earlier plan, which does not supersede this one"
                    )
    return [*given.values()]


def _circles(session: Session, given: Mapping[str, ReadNotice]) -> list[list[str]]:
    """The circles that have a given plan; each plan is visited once."""
    visited: set[str] = set()
    found = []
    for start in given:
        path: list[str] = []
        at: str | None = start
        while at is not None and at not in visited:
            visited.add(at)
            path.append(at)
            if at in given:
                at = given[at].plan.supersedes
            else:
                at = session.scalar(SUPERSEDED, {"plan": at})
        if at in path:
            found.append(path[path.index(at) :])
    return [circle for circle in found if not given.keys().isdisjoint(circle)]
