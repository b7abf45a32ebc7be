"""The closed sets of the contract: ASCII values, each with its Chinese label."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Self


class Labelled(StrEnum):
    """A closed set whose members carry their labels: `Role.LEAD.label` is 牵头.

    Documents, facets, exports, feeds and the contract all use this one declaration.
    """

    label: str

    def __new__(cls, value: str, label: str = "") -> Self:
        if not label:  # `Role("lead")` is a lookup and does not call this
            raise TypeError(f"{cls.__name__} {value!r} has no label")
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member


class ChangeOperation(Labelled):
    """Operation of a change."""

    CREATED = "created", "新增"
    UPDATED = "updated", "更新"
    WITHDRAWN = "withdrawn", "撤下"


class VersionCause(Labelled):
    """Cause of a version of a document."""

    READING = "reading", "读取通知"
    PRACTICE = "practice", "填报"
    SHAPE = "shape", "格式升级"


class DifferenceOperation(Labelled):
    """Whether a part of a text is in both texts, or in only one."""

    EQUAL = "equal", "相同"
    INSERTED = "inserted", "新增"
    DELETED = "deleted", "删去"


class PlanStatus(Labelled):
    """Status of a plan."""

    IN_FORCE = "in_force", "现行"
    SUPERSEDED = "superseded", "已被取代"
    WITHDRAWN = "withdrawn", "已撤下"


class Script(Labelled):
    """Chinese script, as a BCP 47 tag."""

    HANS = "zh-Hans", "简体"
    HANT = "zh-Hant", "繁体"


class TaskLevel(Labelled):
    """Depth of a task below its section, whatever the notice calls it."""

    ITEM = "item", "项"
    SUBITEM = "subitem", "点"
    MEASURE = "measure", "小点"
    POINT = "point", "细目"


class Role(Labelled):
    """Role of an agency for a task."""

    LEAD = "lead", "牵头"
    RESPONSIBLE = "responsible", "负责"
    SUPPORT = "support", "配合、参与"
    GUIDE = "guide", "指导"


class JurisdictionLevel(Labelled):
    """Level of government."""

    NATION = "nation", "国家"
    PROVINCE = "province", "省级"
    CITY = "city", "地级"
    COUNTY = "county", "县级"


class PlanKind(Labelled):
    """Kind of plan."""

    ANNUAL_PLAN = "annual_plan", "年度要点"
    ACTION_PLAN = "action_plan", "行动计划"
    DIVISION_OF_TASKS = "division_of_tasks", "任务分工"
    MEASURES = "measures", "政策措施"
    OTHER = "other", "其他"


class AgencyKind(Labelled):
    """Kind of agency."""

    DEPARTMENT = "department", "政府部门"
    OFFICE = "office", "政府办公机构"
    PARTY_ORGAN = "party_organ", "党委机关"
    GOVERNMENT = "government", "人民政府"
    COLLECTIVE = "collective", "统称"
    ENTERPRISE = "enterprise", "企业"
    PUBLIC_INSTITUTION = "public_institution", "事业单位"
    MASS_ORGANIZATION = "mass_organization", "群团组织"
    COURT_OR_PROCURATORATE = "court_or_procuratorate", "法院、检察院"
    OTHER = "other", "其他"


class SuccessionKind(Labelled):
    """How one agency went over into another."""

    RENAMED_INTO = "renamed_into", "更名"
    MERGED = "merged", "合并"
    SPLIT = "split", "拆分"


class CollectiveBasis(Labelled):
    """Why an agency belongs to a collective: a rule in the registry, or a delegation."""

    RULE = "rule", "规则"
    DELEGATION = "delegation", "授权"


class PlatformKind(Labelled):
    """Kind of platform."""

    PLATFORM = "platform", "平台"
    INITIATIVE = "initiative", "举措"
    CREDENTIAL = "credential", "证照"
    INSTITUTION = "institution", "制度"
    SYSTEM = "system", "系统"
    DATABASE = "database", "数据库"
    MODEL = "model", "模型"
    SCHEME = "scheme", "机制"


class MentionMode(Labelled):
    """What a task does with a platform, the most that it does first."""

    BUILDS = "builds", "建设"
    UPGRADES = "upgrades", "升级"
    USES = "uses", "使用"
    MENTIONS = "mentions", "提及"


class TargetKind(Labelled):
    """Kind of target: quantity, full coverage, or deadline."""

    QUANTITATIVE = "quantitative", "数量"
    COVERAGE = "coverage", "覆盖"
    DEADLINE = "deadline", "时限"


class Comparator(Labelled):
    """How a measured value is compared with the target value."""

    EQ = "eq", "等于"
    GT = "gt", "超过"
    GTE = "gte", "不低于"
    LT = "lt", "低于"
    LTE = "lte", "不超过"
    BETWEEN = "between", "介于"
    ABOUT = "about", "约"


class Direction(Labelled):
    """Whether the target value is an increase or a decrease."""

    INCREASE = "increase", "增加"
    DECREASE = "decrease", "减少"


class DueBasis(Labelled):
    """Basis of a due date: printed in the sentence, or earlier in it, or the end of the plan's period."""

    STATED = "stated", "通知写明"
    INHERITED = "inherited", "承前写明"
    PLAN_END = "plan_end", "计划期末"


PRINTED = (DueBasis.STATED, DueBasis.INHERITED)  # the second earlier in the sentence


class Strength(Labelled):
    """How firmly the notice commits: firm, an aim (力争), or in principle (原则上)."""

    FIRM = "firm", "确定"
    AIM = "aim", "力争"
    PRINCIPLE = "principle", "原则上"


class Recurrence(Labelled):
    """How often a target recurs."""

    YEARLY = "yearly", "每年"
    HALF_YEARLY = "half_yearly", "每半年"
    QUARTERLY = "quarterly", "每季度"
    MONTHLY = "monthly", "每月"


class ProgressStatus(Labelled):
    """Progress status of a task, as reported by its agencies."""

    NOT_REPORTED = "not_reported", "未报告"
    NOT_STARTED = "not_started", "未启动"
    ON_TRACK = "on_track", "正常推进"
    AT_RISK = "at_risk", "存在风险"
    DELAYED = "delayed", "滞后"
    COMPLETED = "completed", "已完成"


class AttainmentStatus(Labelled):
    """Attainment of a target, by the latest measurement."""

    NOT_REPORTED = "not_reported", "未报告"
    BELOW = "below", "未达到"
    MET = "met", "已达到"


class CorrectionKind(Labelled):
    """Kind of correction."""

    PINYIN = "pinyin", "删去夹注拼音"  # removed: a reading in brackets
    COMMA = "comma", "删去误插逗号"  # removed: an inserted comma
    SHIFTED_RUN = "shifted_run", "重读错位字节"  # re-decoded: bytes read one off
    FOLDED = "folded", "恢复全角标点"  # restored: full-width punctuation
    LOST_CHARACTER = "lost_character", "补定缺字"  # decided by a person, as no byte proves it
    LINE_BREAK = "line_break", "接合断行"  # joined: a title broken over lines
    SPACE = "space", "删去空白"  # removed: blank lines, indents, byte order mark
    SCRIPT = "script", "更正繁简转换"  # fixes errors of the conversion to Simplified


class Certainty(Labelled):
    """Certainty of a correction."""

    CERTAIN = "certain", "字节可证"  # bytes prove it
    CONTEXT = "context", "据上下文判定"  # decided by a person or a rule of the genre


class ReportedStatus(Labelled):
    """Status values that a report can have."""

    NOT_STARTED = "not_started", ProgressStatus.NOT_STARTED.label
    ON_TRACK = "on_track", ProgressStatus.ON_TRACK.label
    AT_RISK = "at_risk", ProgressStatus.AT_RISK.label
    DELAYED = "delayed", ProgressStatus.DELAYED.label
    COMPLETED = "completed", ProgressStatus.COMPLETED.label


class MilestoneStatus(Labelled):
    """Status of a milestone."""

    PLANNED = "planned", "计划中"
    DONE = "done", "已完成"
    DROPPED = "dropped", "已取消"


class MilestoneChangeKind(Labelled):
    """Kind of change of a milestone."""

    DONE = "done", "完成"
    MOVED = "moved", "改期"
    DROPPED = "dropped", "取消"


class FactState(Labelled):
    """State of a fact."""

    IN_FORCE = "in_force", "有效"
    REPLACED = "replaced", "已更正"
    WITHDRAWN = "withdrawn", "已撤回"


class ErrorReportState(Labelled):
    """State of an error report; only resolved ones are public."""

    OPEN = "open", "待处理"
    RESOLVED = "resolved", "已答复"


class ErrorOutcome(Labelled):
    """Outcome of an error report."""

    CORRECTED = "corrected", "已更正"
    EXPLAINED = "explained", "已说明"
    REJECTED = "rejected", "未采纳"


class LineageRelation(Labelled):
    """How a task goes on from a task of an earlier plan."""

    CONTINUED = "continued", "延续"
    EXTENDED = "extended", "拓展"
    NARROWED = "narrowed", "收窄"
    SPLIT = "split", "拆分"
    MERGED = "merged", "合并"


class LineageBasis(Labelled):
    """Whether a person decided it, or it was computed from the texts."""

    STATED = "stated", "人工认定"
    COMPUTED = "computed", "计算"


class WebhookFormat(Labelled):
    """Message format of a webhook."""

    STANDARD = "standard", "Standard Webhooks，签名的 JSON"
    ROBOT_MARKDOWN = "robot_markdown", "群机器人消息 markdown"
    ROBOT_CARD = "robot_card", "群机器人消息 template_card"


class DeliveryState(Labelled):
    """Delivery state."""

    PENDING = "pending", "待送达"
    DELIVERED = "delivered", "已送达"
    FAILED = "failed", "已放弃"


class TableHeader(Labelled):
    """Header row and values of a table: labels for people, names for programs."""

    LABELS = "labels", "中文标签"
    NAMES = "names", "字段名"


class KeyRole(StrEnum):
    """Role of a key."""

    REPORTER = "reporter"
    COORDINATOR = "coordinator"
    ASSESSOR = "assessor"
    ADMIN = "admin"


def closed_sets() -> Iterator[type[StrEnum]]:
    """All enums of this module."""
    yield from (kind for kind in Labelled.__subclasses__() if kind.__module__ == __name__)
    yield KeyRole


def labelled(name: str, value: Labelled | None) -> dict[str, str | None]:
    """A member of a document and its label; null if there is no value."""
    return {name: value, f"{name}_label": value.label if value else None}
