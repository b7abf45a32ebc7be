"""The closed sets of the contract: ASCII values, with a Chinese label where people read them."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any


class ChangeOperation(StrEnum):
    """What happened to a resource."""

    CREATED = "created"
    UPDATED = "updated"
    WITHDRAWN = "withdrawn"


CHANGE_LABELS = {
    ChangeOperation.CREATED: "新增",
    ChangeOperation.UPDATED: "更新",
    ChangeOperation.WITHDRAWN: "撤下",
}


class ResourceKind(StrEnum):
    """What can be searched."""

    PLAN = "plan"
    SECTION = "section"
    TASK = "task"
    AGENCY = "agency"
    TARGET = "target"
    PLATFORM = "platform"


RESOURCE_LABELS = {
    ResourceKind.PLAN: "工作要点",
    ResourceKind.SECTION: "部分",
    ResourceKind.TASK: "任务",
    ResourceKind.AGENCY: "机构",
    ResourceKind.TARGET: "目标",
    ResourceKind.PLATFORM: "平台",
}


class PlanStatus(StrEnum):
    """Whether a plan still holds."""

    IN_FORCE = "in_force"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


PLAN_STATUS_LABELS = {
    PlanStatus.IN_FORCE: "现行",
    PlanStatus.SUPERSEDED: "已被取代",
    PlanStatus.WITHDRAWN: "已撤下",
}


class Script(StrEnum):
    """A script of Chinese, as BCP 47 names it."""

    HANS = "zh-Hans"
    HANT = "zh-Hant"


SCRIPT_LABELS = {Script.HANS: "简体", Script.HANT: "繁体"}


class TaskLevel(StrEnum):
    """Where a task stands in the notice: an item （一） or a sub-item 1."""

    ITEM = "item"
    SUBITEM = "subitem"


LEVEL_LABELS = {TaskLevel.ITEM: "项", TaskLevel.SUBITEM: "点"}  # as citations say: 第…项第…点


class Role(StrEnum):
    """What an agency does for a task: 牵头, 负责, 配合 or 参与, 指导."""

    LEAD = "lead"
    RESPONSIBLE = "responsible"
    SUPPORT = "support"
    GUIDE = "guide"


ROLE_LABELS = {
    Role.LEAD: "牵头",
    Role.RESPONSIBLE: "负责",
    Role.SUPPORT: "配合、参与",
    Role.GUIDE: "指导",
}


class AgencyKind(StrEnum):
    """What sort of body an agency is."""

    PROVINCIAL_DEPARTMENT = "provincial_department"
    PROVINCIAL_OFFICE = "provincial_office"
    PARTY_ORGAN = "party_organ"
    MUNICIPALITY = "municipality"
    COLLECTIVE = "collective"
    ENTERPRISE = "enterprise"
    PUBLIC_INSTITUTION = "public_institution"
    MASS_ORGANIZATION = "mass_organization"


AGENCY_KIND_LABELS = {
    AgencyKind.PROVINCIAL_DEPARTMENT: "省政府部门",
    AgencyKind.PROVINCIAL_OFFICE: "省政府办公厅",
    AgencyKind.PARTY_ORGAN: "党委机关",
    AgencyKind.MUNICIPALITY: "地市政府",
    AgencyKind.COLLECTIVE: "统称",
    AgencyKind.ENTERPRISE: "企业",
    AgencyKind.PUBLIC_INSTITUTION: "事业单位",
    AgencyKind.MASS_ORGANIZATION: "群团组织",
}


class PlatformKind(StrEnum):
    """What sort of thing a platform is."""

    PLATFORM = "platform"
    INITIATIVE = "initiative"
    CREDENTIAL = "credential"
    INSTITUTION = "institution"


PLATFORM_KIND_LABELS = {
    PlatformKind.PLATFORM: "平台",
    PlatformKind.INITIATIVE: "举措",
    PlatformKind.CREDENTIAL: "证照",
    PlatformKind.INSTITUTION: "制度",
}


class TargetKind(StrEnum):
    """What a target commits to: a figure, covering all, or a date."""

    QUANTITATIVE = "quantitative"
    COVERAGE = "coverage"
    DEADLINE = "deadline"


TARGET_KIND_LABELS = {
    TargetKind.QUANTITATIVE: "数量",
    TargetKind.COVERAGE: "覆盖",
    TargetKind.DEADLINE: "时限",
}


class Comparator(StrEnum):
    """How a value is compared with a target's figure."""

    EQ = "eq"
    GT = "gt"
    GTE = "gte"
    LT = "lt"
    LTE = "lte"
    BETWEEN = "between"


COMPARATOR_LABELS = {
    Comparator.EQ: "等于",
    Comparator.GT: "超过",
    Comparator.GTE: "不低于",
    Comparator.LT: "低于",
    Comparator.LTE: "不超过",
    Comparator.BETWEEN: "介于",
}


class Direction(StrEnum):
    """Whether a target's figure is a rise or a fall."""

    INCREASE = "increase"
    DECREASE = "decrease"


DIRECTION_LABELS = {Direction.INCREASE: "增加", Direction.DECREASE: "减少"}


class DueBasis(StrEnum):
    """Where a due date comes from: the words, or the last day of the plan's year."""

    STATED = "stated"
    PLAN_YEAR = "plan_year"


DUE_BASIS_LABELS = {DueBasis.STATED: "通知写明", DueBasis.PLAN_YEAR: "计划年度末"}


class ProgressStatus(StrEnum):
    """How far a task is, as its agencies report it."""

    NOT_REPORTED = "not_reported"
    NOT_STARTED = "not_started"
    ON_TRACK = "on_track"
    AT_RISK = "at_risk"
    DELAYED = "delayed"
    COMPLETED = "completed"


PROGRESS_LABELS = {
    ProgressStatus.NOT_REPORTED: "未报告",
    ProgressStatus.NOT_STARTED: "未启动",
    ProgressStatus.ON_TRACK: "正常推进",
    ProgressStatus.AT_RISK: "存在风险",
    ProgressStatus.DELAYED: "滞后",
    ProgressStatus.COMPLETED: "已完成",
}


class AttainmentStatus(StrEnum):
    """Whether a target is met, by the latest measurement."""

    NOT_REPORTED = "not_reported"
    BELOW = "below"
    MET = "met"


ATTAINMENT_LABELS = {
    AttainmentStatus.NOT_REPORTED: "未报告",
    AttainmentStatus.BELOW: "未达到",
    AttainmentStatus.MET: "已达到",
}


class CorrectionKind(StrEnum):
    """What restoring did to a stretch of the text as received."""

    PINYIN = "pinyin"  # a reading in brackets, taken out
    COMMA = "comma"  # an inserted comma, taken out
    SHIFTED_RUN = "shifted_run"  # bytes read one off, read again
    FOLDED = "folded"  # full-width punctuation, unfolded
    LOST_CHARACTER = "lost_character"  # what no byte proves, decided by a person
    LINE_BREAK = "line_break"  # a title broken over lines, joined
    SPACE = "space"  # blank lines, indents, byte order mark
    SCRIPT = "script"  # where the conversion to Simplified goes wrong


CORRECTION_LABELS = {
    CorrectionKind.PINYIN: "删去夹注拼音",
    CorrectionKind.COMMA: "删去误插逗号",
    CorrectionKind.SHIFTED_RUN: "重读错位字节",
    CorrectionKind.FOLDED: "恢复全角标点",
    CorrectionKind.LOST_CHARACTER: "补定缺字",
    CorrectionKind.LINE_BREAK: "接合断行",
    CorrectionKind.SPACE: "删去空白",
    CorrectionKind.SCRIPT: "更正繁简转换",
}


class Certainty(StrEnum):
    """Why a correction may be believed."""

    CERTAIN = "certain"  # bytes prove it
    CONTEXT = "context"  # a person, or a rule of the genre, decided it


CERTAINTY_LABELS = {Certainty.CERTAIN: "字节可证", Certainty.CONTEXT: "据上下文判定"}


class PublishedKind(StrEnum):
    """What the change feed tells of."""

    PLAN = "plan"
    SECTION = "section"
    TASK = "task"
    AGENCY = "agency"
    TARGET = "target"
    PLATFORM = "platform"
    REPORT = "report"
    MEASUREMENT = "measurement"
    MILESTONE = "milestone"
    ASSESSMENT = "assessment"
    BULLETIN = "bulletin"


PUBLISHED_LABELS = {
    PublishedKind.PLAN: "工作要点",
    PublishedKind.SECTION: "部分",
    PublishedKind.TASK: "任务",
    PublishedKind.AGENCY: "机构",
    PublishedKind.TARGET: "目标",
    PublishedKind.PLATFORM: "平台",
    PublishedKind.REPORT: "进展报告",
    PublishedKind.MEASUREMENT: "指标测量",
    PublishedKind.MILESTONE: "节点",
    PublishedKind.ASSESSMENT: "第三方评估",
    PublishedKind.BULLETIN: "通报",
}


class ReportedStatus(StrEnum):
    """How far a task is, in the words of one who reports."""

    NOT_STARTED = "not_started"
    ON_TRACK = "on_track"
    AT_RISK = "at_risk"
    DELAYED = "delayed"
    COMPLETED = "completed"


REPORTED_LABELS = {status: PROGRESS_LABELS[ProgressStatus(status)] for status in ReportedStatus}


class MilestoneStatus(StrEnum):
    """Where a milestone stands."""

    PLANNED = "planned"
    DONE = "done"
    DROPPED = "dropped"


MILESTONE_LABELS = {
    MilestoneStatus.PLANNED: "计划中",
    MilestoneStatus.DONE: "已完成",
    MilestoneStatus.DROPPED: "已取消",
}


class MilestoneChangeKind(StrEnum):
    """What happened to a milestone."""

    DONE = "done"
    MOVED = "moved"
    DROPPED = "dropped"


MILESTONE_CHANGE_LABELS = {
    MilestoneChangeKind.DONE: "完成",
    MilestoneChangeKind.MOVED: "改期",
    MilestoneChangeKind.DROPPED: "取消",
}


class SubjectKind(StrEnum):
    """What an assessment is of."""

    AGENCY = "agency"
    REGION = "region"


SUBJECT_LABELS = {SubjectKind.AGENCY: "机构", SubjectKind.REGION: "地区"}


class ReferenceKind(StrEnum):
    """What a bulletin refers to."""

    ASSESSMENT = "assessment"
    REPORT = "report"


REFERENCE_LABELS = {ReferenceKind.ASSESSMENT: "第三方评估", ReferenceKind.REPORT: "进展报告"}


class FactState(StrEnum):
    """Whether what was said still stands."""

    IN_FORCE = "in_force"
    REPLACED = "replaced"
    WITHDRAWN = "withdrawn"


STATE_LABELS = {
    FactState.IN_FORCE: "有效",
    FactState.REPLACED: "已更正",
    FactState.WITHDRAWN: "已撤回",
}


class WebhookFormat(StrEnum):
    """How a webhook is told of an event."""

    STANDARD = "standard"
    ROBOT_MARKDOWN = "robot_markdown"
    ROBOT_CARD = "robot_card"


WEBHOOK_FORMAT_LABELS = {
    WebhookFormat.STANDARD: "Standard Webhooks，签名的 JSON",
    WebhookFormat.ROBOT_MARKDOWN: "群机器人消息 markdown",
    WebhookFormat.ROBOT_CARD: "群机器人消息 template_card",
}


class DeliveryState(StrEnum):
    """Whether a webhook has been told of an event."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


DELIVERY_STATE_LABELS = {
    DeliveryState.PENDING: "待送达",
    DeliveryState.DELIVERED: "已送达",
    DeliveryState.FAILED: "已放弃",
}


class KeyRole(StrEnum):
    """What the holder of a key does."""

    REPORTER = "reporter"
    COORDINATOR = "coordinator"
    ASSESSOR = "assessor"
    ADMIN = "admin"


# For the contract: what each value means, in Chinese.
LABELS: dict[str, Mapping[Any, str]] = {
    "ChangeOperation": CHANGE_LABELS,
    "ResourceKind": RESOURCE_LABELS,
    "PlanStatus": PLAN_STATUS_LABELS,
    "Script": SCRIPT_LABELS,
    "TaskLevel": LEVEL_LABELS,
    "Role": ROLE_LABELS,
    "AgencyKind": AGENCY_KIND_LABELS,
    "PlatformKind": PLATFORM_KIND_LABELS,
    "TargetKind": TARGET_KIND_LABELS,
    "Comparator": COMPARATOR_LABELS,
    "Direction": DIRECTION_LABELS,
    "DueBasis": DUE_BASIS_LABELS,
    "ProgressStatus": PROGRESS_LABELS,
    "AttainmentStatus": ATTAINMENT_LABELS,
    "CorrectionKind": CORRECTION_LABELS,
    "Certainty": CERTAINTY_LABELS,
    "PublishedKind": PUBLISHED_LABELS,
    "ReportedStatus": REPORTED_LABELS,
    "FactState": STATE_LABELS,
    "MilestoneStatus": MILESTONE_LABELS,
    "MilestoneChangeKind": MILESTONE_CHANGE_LABELS,
    "SubjectKind": SUBJECT_LABELS,
    "ReferenceKind": REFERENCE_LABELS,
    "WebhookFormat": WEBHOOK_FORMAT_LABELS,
    "DeliveryState": DELIVERY_STATE_LABELS,
}


def closed_sets() -> list[type[StrEnum]]:
    """Every set of values here."""
    return [kind for kind in StrEnum.__subclasses__() if kind.__module__ == __name__]
