"""Writing measurements."""

from decimal import Decimal

from app.db.models import Measurement, Target
from app.enums import TargetKind
from app.http.problems import (
    ConflictError,
    FieldError,
    ForbiddenError,
    InvalidParametersError,
    Message,
)
from app.projections.progress import COVERED
from app.resources.measurements.attainment import set_attainment
from app.resources.measurements.schemas import MeasurementSubmission
from app.writing.facts import (
    NOT_ASSIGNED,
    WithdrawalSubmission,
    assigned_task,
    earlier,
    earlier_facts,
    existing,
    fact_columns,
    not_later_than_today,
    replaced_row,
    store,
    withdraw,
)
from app.writing.unit_of_work import Write, WriteResult

PERCENT = "%"
IS_A_DATE = Message(
    "这一目标是时限，没有数值可测；请就其任务提交进展报告。",
    "This target is a date and cannot be measured; report on its task instead.",
)
OF_ALL = Message("覆盖率须在 0 到 100 之间。", "Coverage must be between 0 and 100.")
EARLIER = earlier_facts(Measurement, "target_id")


def add_measurement(write: Write, target_id: str, new: MeasurementSubmission) -> WriteResult:
    """Add a measurement and recompute the target's attainment."""
    target: Target = existing(write, Target, target_id)
    if target.task_id is None:
        raise ForbiddenError(NOT_ASSIGNED)
    task, agency, role = assigned_task(write, target.task_id)
    if target.kind is TargetKind.DEADLINE:
        raise ConflictError(IS_A_DATE)
    _check_unit_and_range(target, new)
    not_later_than_today(write, new.as_of)
    same = {"target_id": target_id, "agency_id": agency.id}
    replaced = None
    if new.replaces is not None:
        replaced = replaced_row(write, Measurement, new.replaces, **same)
    ordinal = earlier(write, EARLIER, target_id, agency.id, new).last + 1
    measurement = Measurement(
        id=f"{target_id}-v{ordinal}",
        **fact_columns(write, new.evidence, replaced),
        plan_id=task.plan_id,
        task_id=task.id,
        target_id=target_id,
        ordinal=ordinal,
        agency_id=agency.id,
        role=role,
        as_of=new.as_of,
        value=new.value,
        unit=new.unit,
        method=new.method,
    )
    done = store(write, measurement, task, target, agency)
    set_attainment(write, target_id)
    return done


def withdraw_measurement(write: Write, id_: str, new: WithdrawalSubmission) -> WriteResult:
    """Withdraw a measurement and recompute the target's attainment."""
    done = withdraw(write, Measurement, id_, new.reason)
    measurement = write.session.get_one(Measurement, id_)
    set_attainment(write, measurement.target_id)
    return done


def _check_unit_and_range(target: Target, new: MeasurementSubmission) -> None:
    """Raises InvalidParametersError for a wrong unit or a coverage out of range."""
    covers = target.kind is TargetKind.COVERAGE
    unit = PERCENT if covers else target.unit
    if new.unit != unit:
        zh, en = (f"“{unit}”", f"“{unit}”") if unit else ("null", "null, as it has none")
        message = Message(
            f"单位须与目标一致：{zh}。", f"The unit must be that of the target: {en}."
        )
        raise InvalidParametersError(
            errors=[FieldError("body", "unit", message, [unit] if unit else None)]
        )
    if covers and not Decimal(0) <= new.value <= COVERED:
        raise InvalidParametersError(errors=[FieldError("body", "value", OF_ALL)])
