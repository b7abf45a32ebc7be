"""How far a plan is: finished or not, and why; checked or not; the notice that is to be loaded.

A broken folder has a state like any other: what is wrong with it is the reason.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from seed.checking import Check, checked_notice, read_check
from seed.notice_files import GENERATED, ReadNotice, differing_files
from seed.plan_ids import plan_id
from seed.plan_reading import ReadFolder, read_plan
from seed.questions.sheet import read_sheet
from seed.received import received
from seed.refusals import NoticeRefusedError
from seed.sources import Source


@dataclass(frozen=True)
class PlanState:
    """A plan's state.  `notice` is what is loaded; None where `reason` says why nothing is."""

    plan: str
    kind: str
    received: date | None = None
    open_questions: int | None = None
    open_signs: int | None = None
    read_by: str | None = None
    read_on: date | None = None
    check: Check | None = None
    differs: bool = False  # from its files, as a newer reader would read it
    reason: str | None = None
    notice: ReadNotice | None = None


def state_of(folder: Path, source: Source, *, reread: bool = True) -> PlanState:
    """The state of a plan; without `reread`, one that is checked is not read anew."""
    try:
        return _state(folder, source, reread=reread)
    except Exception as error:  # noqa: BLE001 (whatever somebody's file does, the others go on)
        return PlanState(folder.name, source.kind, reason=_in_words(error))


def _state(folder: Path, source: Source, *, reread: bool) -> PlanState:
    plan_id(folder.name)
    if folder.is_symlink():
        raise NoticeRefusedError(None, f"{folder.name} is a link", "a folder")
    checked = read_check(folder)
    check = checked.check if checked else None
    notice = checked_notice(folder, checked) if checked else None
    if notice and notice.plan.id != folder.name:
        raise NoticeRefusedError(None, f"plan {notice.plan.id} in {folder.name}", "one id")
    sheet = read_sheet(folder)
    facts = {
        "received": received(folder).retrieved_on,
        "read_by": sheet.read_by,
        "read_on": sheet.read_on,
    }
    if notice and not reread:
        return PlanState(folder.name, source.kind, check=check, notice=notice, **facts)  # type: ignore[arg-type]
    refused: Exception | None = None
    reading: ReadFolder | None = None
    current: ReadNotice | None = None
    try:
        reading = read_plan(folder, source)
        current = reading.notice(source) if reading.is_finished else None
    except Exception as error:
        if notice is None and reading is None:
            raise
        refused = error  # a plan that was checked is loaded all the same
    open_kinds = [question.kind for question in reading.reading.questions] if reading else []
    stored = any((folder / name).exists() for name in GENERATED)
    is_other = current is not None and bool(differing_files(folder, current))
    return PlanState(
        folder.name,
        source.kind,
        open_questions=len(open_kinds),
        open_signs=sum(kind.startswith("sign_") for kind in open_kinds),
        check=check,
        differs=stored and (current is None or is_other),
        reason=None
        if notice
        else _why_not(
            folder,
            refused,
            None if current else len(open_kinds),
            is_stale=is_other and source.kind == "repository",
        ),
        notice=notice or current,
        **facts,  # type: ignore[arg-type]
    )


def _why_not(
    folder: Path, refused: Exception | None, questions: int | None, *, is_stale: bool
) -> str | None:
    """Why a plan is not loaded; `questions` are the open ones of a reading that is not finished."""
    if refused:
        return _in_words(refused)
    if questions is not None:
        plural = "s" if questions != 1 else ""
        return f"{questions} open question{plural}; see seed read {folder.name}"
    if is_stale:
        return f"its files are not what reading gives; run seed read {folder.name}"
    return None


def _in_words(error: Exception) -> str:
    if isinstance(error, NoticeRefusedError):
        return str(error)
    return f"it cannot be read: {type(error).__name__}: {error}"
