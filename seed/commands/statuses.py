"""`seed status`: every plan, and how far it is."""

import json
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import make_url, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.db.engine import open_engine
from app.db.models import Plan
from app.settings import Settings
from seed.commands.arguments import DONE, parser_of, sources_of
from seed.plan_state import PlanState, state_of

COLUMNS = (
    "plan", "of", "received", "questions", "signs", "finished", "read_by", "checked_by", "loaded", "differs",
)  # fmt: skip


def status_command(words: list[str]) -> int:
    """Print a row a plan; 0 always, since it only looks."""
    parser = parser_of("status", "every plan: received, questions, checked, loaded, differing")
    parser.add_argument("--json", action="store_true", help="a JSON list in place of the table")
    parser.add_argument("--examples", action="store_true", help="the examples, too")
    given = parser.parse_args(words)
    places = sources_of(given, examples=given.examples)
    states = [state_of(folder, one) for one in places for folder in one.plan_folders()]
    loaded = _loaded(Settings().database_url)
    rows = [_row(state, loaded) for state in states]
    if given.json:
        print(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        print("\n".join(_table(rows)))
    return DONE


def _loaded(database_url: str) -> dict[str, str] | None:
    """The SHA-256 of the text of each plan in the database; None where there is no database."""
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        return None
    engine = open_engine(database_url)
    try:
        with Session(engine) as session:
            rows = session.execute(
                select(Plan.id, Plan.text_sha256).where(Plan.withdrawn_at.is_(None))
            )
            return {row.id: row.text_sha256 for row in rows}
    except SQLAlchemyError:
        return None
    finally:
        engine.dispose()


def _row(state: PlanState, loaded: dict[str, str] | None) -> dict[str, Any]:
    check = state.check
    return {
        "plan": state.plan,
        "of": state.kind,
        "received": str(state.received) if state.received else None,
        "questions": state.open_questions,
        "signs": state.open_signs,
        "finished": state.notice is not None,
        "read_by": state.read_by,
        "read_on": str(state.read_on) if state.read_on else None,
        "checked_by": check.by if check else None,
        "checked_on": str(check.date) if check else None,
        "loaded": _how_loaded(state, loaded),
        "differs": state.differs,
        "reason": state.reason,
    }


def _how_loaded(state: PlanState, loaded: dict[str, str] | None) -> str | None:
    """yes, no, or `older` where another text is stored; null without a database."""
    if loaded is None:
        return None
    if state.plan not in loaded:
        return "no"
    same = state.notice is None or state.notice.text_sha256 == loaded[state.plan]
    return "yes" if same else "older"


def _table(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Columns for a terminal, where a Chinese character takes two places; reasons below."""
    shown = [[_shown(row[name]) for name in COLUMNS] for row in rows]
    titles = [name.replace("_", " ") for name in COLUMNS]
    widths = [max(map(_width, column)) for column in zip(titles, *shown, strict=True)]
    lines = [
        "  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=True))
        for line in [titles, *shown]
    ]  # fmt: skip
    reasons = [f"{row['plan']}: {row['reason']}" for row in rows if row["reason"]]
    differing = [
        f"{row['plan']}: it would be read otherwise; see seed read {row['plan']}"
        for row in rows
        if row["differs"]
    ]
    return [line.rstrip() for line in lines] + reasons + differing


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "-" if value is None else str(value)


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)
