"""What one statement commits to: its figures, with metric, comparison, direction and strength."""

import re
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from seed.reader.dates import Time
from seed.reader.explained import Explained, around
from seed.reader.numbers import Quantity
from seed.reader.text import Span

AIMS = re.compile("力争|努力|争取|积极争创|争创")
PRINCIPLE = re.compile("原则上")
LEADING_VERBS = re.compile(
    "(?:推动|推进|实现|开展|完成|新增上线|新增|加快|力争|累计|支撑全省|支撑|在|培育|打造|建设|建成|形成|引进|新建|梳理|其中|到|集聚|招引|落地|赋能|选聘|设立|构建|引育|和引进|组织|举办|发展|认定|达成|部署|汇聚|带动|安排|给予|确保|努力|保持)*"
)
LEADING_TIME = re.compile(
    r"^(?:力争)?(?:到|至|在)?(?:(?:20\d\d年)?(?:\d{1,2}月(?:\d{1,2}日)?)?(?:年?[底末内])?(?:之前|以前|前)?)(?!\d)，?|^每年|^(?:第?[一二三四]季度|前三季度|[上下]半年)(?:[末底]?前|末|底)?，?"
)
# What is done with what stands behind the figure: 印发5个方案.
VERBS_ALONE = re.compile(
    "(?:同时|着力|再|拟|明确|公布|印发|制定|出台|办好|帮助|扶持|支持|选派|推出|开设|发行|建|改造|对|将|为)+"
)
DETERMINES = re.compile(
    "(?:明确|确定)[^，。；\\d]{0,8}$"
)  # 明确24个项目清单: a list, or a number to reach
LEADING_RANGE = re.compile(
    r"^(?:力争)?20\d\d年?[—–\-~～至到－]+20\d\d年(?:期?间)?，?(?=每|[^\d，])"
)
TRAILING = re.compile(
    "(?:总体|继续|力争|(?<![平月年日人户])均|分别|基本|原则上|(?:保持|稳定|巩固|维持|控制)在?|(?<![行作认])为|拟(?:按|以)?|(?:比|较)(?:上年|去年|上一年)(?:同期)?|各(?:培育|新增|新建|建设|建成|打造)?)+$"
)
ENUMERATED = re.compile(
    r"^(?:—+|[▲△●■◆•①-⑳]|[（(]?\d{1,2}[）)]|\d{1,2}[.．、]|其中：?|[一二三四五六七八九]是|(?:分年度|进度|主要|工作|年度)?(?:目标|安排|计划|指标)：)+"
)
# What stands behind a name and is no part of it: 恢复至2019年的110%, 能耗较2022年下降15%.
THEN = re.compile(
    r"(?:(?:恢复|回升|相当于|达)?[至到为]|[较比])20\d\d年(?:年?[底末]|同期|水平)*的?$"
)
AND_TOO = re.compile("(?:并?且|但|同时)(?:也|都|均)?")
# Verbs before a figure whose noun stands behind it: 与三个城市实现100个以上事项通办.
COUNTS_BEHIND = re.compile(
    "(?:实现|评选|遴选|选择|开放|完成|新增|上线|开展|推出|形成|培育|建成|引进|打造|设置)$"
)
REACHES = ("覆盖", "惠及", "带动", "服务")
OF_A_THING = ("规模", "总规模", "总额", "总量", "金额", "总投资", "面积", "总长", "里程")
EACH = re.compile(
    "(?:支持|推动|鼓励|引导|组织)?(?:(?P<places>[\u4e00-\u9fff、]{2,60}?)(?:等地|等市|等)?(?:分别)?各|[\u4e00-\u9fff\\d]{0,10}?(?P<every>每个?[县市区镇乡村校园户家]|各(?:区县|区|县|市|地市|地|镇街|街道|乡镇|村)))"
    "(?:自|培育|建设|打造|新建|建成|招引|引进|创建|开展|举办|完成|新增)*(?:至少|不少于|不低于)?"
)
AVERAGE = re.compile("平均|月均|年均|日均|人均|户均|均(?=达)")
BASELINE = re.compile(r"(?:由|从)(?:20\d\d年(?:年?[底末])?的?)?(?:[^，。；\d]{0,8})$")
BASELINES = re.compile("分别(?:由|从)")  # 分别从653元、300元提高到683元、322元
BECOMES = re.compile(
    r"^(?:以上|以下|左右)?(?:增加|提高|提升|扩大|增长|拓展|减少|压减|压缩|缩短|降低|下降|精简|缩减|调整|上升|降|增|减)?(?:到|至|为)"
)
FAR_BEFORE = re.compile(
    r"(不高于|不超过|不低于|不少于|最高(?!人民|水平|标准|荣誉|奖|限价|层|检)|最多(?!跑)|至少)(?:[^，。；\d]{1,16}|[^，。；]{1,40}的)$"
)
AT_LEAST = re.compile(  # 达到每千人6.5批次; 力争打造3家: more of what is made is welcome
    "达到?每[^，。；\\d]{1,8}$|(?:力争|努力|争取)[^，。；]{0,20}(?:打造|培育|培养|建成|建设|新建|创建|建立|引进|招引"
    "|引育|新增|落地|形成|完成|集聚|认定|组建|推出|入选)$"
)
FAR = {
    "不高于": "lte",
    "不超过": "lte",
    "最高": "lte",
    "最多": "lte",
    "不低于": "gte",
    "不少于": "gte",
    "至少": "gte",
}
DECREASE = re.compile("压减|减少|降低|下降|缩短|压缩|缩减|精简|减至|降至")
INCREASE = re.compile("增长|增加|提高|提升|上升|扩大|增至|拓展")


@dataclass(frozen=True)
class Found:
    """A target of a part of the text; the fields are those of `reading.md`."""

    kind: str
    metric: str
    statement: str
    span: Span
    as_written: str
    figure: Span | None = None
    value: Decimal | None = None
    value_upper: Decimal | None = None
    unit: str | None = None
    comparator: str | None = None
    direction: str | None = None
    scope: str | None = None
    is_cumulative: bool = False
    is_average: bool = False
    baseline: Decimal | None = None
    baseline_on: date | None = None
    due_on: date | None = None
    due_basis: str | None = None
    recurrence: str | None = None
    recurs_on: tuple[str, ...] = ()
    strength: str = "firm"
    times: tuple[Span, ...] = ()
    reason: str | None = None  # why somebody decided something about it


@dataclass
class Commitments:
    """The targets of a stretch, what rules explained, and what is doubtful (kind, span)."""

    targets: list[Found] = field(default_factory=list)
    explained: list[Explained] = field(default_factory=list)
    doubts: list[tuple[str, Span]] = field(default_factory=list)
    times: list[Time] = field(default_factory=list)


@dataclass(frozen=True)
class Setting:
    """What is known where a stretch is read."""

    year: int | None  # of times without one
    issued: int | None
    plan_end: date | None
    is_goal: bool = False
    row_due: Time | None = None  # the deadline cell of a table row
    heading_end: int = 0  # where the title of the part ends, if words follow


def figures_of(
    text: str, part: Span, whole: Span, figures: list[Quantity], found: Commitments
) -> list[Found]:
    """The targets that the figures of a statement make; the others are explained or doubtful."""
    if figures and BASELINES.search(text, part.start, part.end):
        found.doubts.append(("comparison", Span(figures[0].span.start, figures[-1].span.end)))
        return []
    targets: list[Found] = []
    baseline: Quantity | None = None
    previous: Quantity | None = None
    behind = part.start
    for index, one in enumerate(figures):
        after = text[one.span.end : part.end]
        before = text[behind : one.span.start]
        if previous is not None and before.endswith(("和", "及", "、", "与", "以及")):
            before = ""
        if rule := around(text, whole, one.span):
            found.explained.append(Explained(one.span, rule))
            behind = one.span.end
            continue
        if before in ("与", "同") and index + 1 < len(figures):
            found.doubts.append(("number", one.span))  # 与9个省区新增50个事项
            behind = one.span.end
            continue
        if re.search("(?:未|没有|尚未|不能)$", before):
            found.doubts.append(("negated", one.span))
            behind = one.span.end
            continue
        if DETERMINES.search(before) and re.match("[^，。；]{0,16}清单", after):
            found.doubts.append(("number", one.number))
            behind = one.span.end
            continue
        if one.unit == "年" and one.comparator == "lte" or re.match("(?:左右)?(?:的)?时间", after):
            found.doubts.append(("date", one.span))
            behind = one.span.end
            continue
        if BASELINE.search(before) and index + 1 < len(figures) and BECOMES.match(after):
            baseline = one
            behind = one.span.end
            continue
        if one.is_contradictory:
            found.doubts.append(("comparison", one.span))
        if previous is not None and previous.span.end <= one.span.start:
            one = _like(previous, one, text[previous.span.end : one.span.start])
        far = FAR_BEFORE.search(text[part.start : one.span.start])
        if far and one.comparator == "eq":
            one = replace(one, comparator=FAR[far[1]])
        elif AT_LEAST.search(text[part.start : one.span.start]) and one.comparator == "eq":
            one = replace(one, comparator="gte")
        if one.unit is None and not one.explicit and not one.scaled:
            found.doubts.append(("number", one.number))
            behind = one.span.end
            continue
        if (one.unit is None and one.value) or text.startswith("/", one.span.end):
            found.doubts.append(("unit", one.span))
        target = _figure(text, part, one, before, after, baseline)
        if targets and AND_TOO.fullmatch(text[behind : one.span.start]):
            target = replace(target, metric=targets[-1].metric)  # 不低于75%且不高于90%
        if target.scope and target.metric == target.scope and targets:
            target = replace(target, metric=targets[-1].metric)
        targets.append(_since(target, baseline, found.times) if baseline else target)
        baseline, previous, behind = None, one, one.span.end
    return _distributed(text, part, targets)


def alike(previous: Found, one: Found) -> Found:
    """A figure without words of its own, behind 、: it is compared as the one before it."""
    if not previous.statement.endswith(previous.as_written) or one.value == 0:
        return one
    return replace(
        one,
        metric=previous.metric,
        comparator=previous.comparator if one.comparator == "eq" else one.comparator,
        direction=one.direction or previous.direction,
        unit=one.unit or previous.unit,
        strength=previous.strength,
    )


def is_commitment(text: str, part: Span, coverage: re.Match[str], setting: Setting) -> bool:
    """全覆盖 at the end, or behind a verb; in a heading and before a noun it is none."""
    if part.end <= setting.heading_end or text[coverage.start() - 1] in "%":
        return False
    behind = text[coverage.end() : part.end]
    before = text[part.start : coverage.start()]
    return (
        coverage[0] != "全覆盖"
        or not behind
        or bool(re.search("(?:实现|进行|开展|做到|达到|形成|目标)$", before))
        or behind[0] in "（、目"
    )


def _like(previous: Quantity, one: Quantity, between: str) -> Quantity:
    """A figure that only 、 or 和 parts from the one before: both are compared alike."""
    if not re.fullmatch("[、和及与]|以及", between):
        return one
    if one.comparator == "eq" and not one.explicit:
        one = replace(one, comparator=previous.comparator)
    return replace(
        one, direction=one.direction or previous.direction, unit=one.unit or previous.unit
    )


def _figure(
    text: str, part: Span, one: Quantity, before: str, after: str, baseline: Quantity | None
) -> Found:
    words = text[part.start : part.end]
    written = text[one.span.start : one.span.end]
    so_far = text[part.start : one.span.start]
    direction = one.direction
    if baseline:
        before, after = BASELINE.sub("", text[part.start : baseline.span.start]), ""
        verb = text[baseline.span.end : one.span.end]
        direction = (
            direction
            or (
                "decrease"
                if DECREASE.search(verb)
                else "increase"
                if INCREASE.search(verb)
                else None
            )
            or ("increase" if one.value > baseline.value else "decrease")
        )
    metric, scope = metric_of(before, after, words, written), None
    if each := EACH.fullmatch(re.split("[（：]", before)[-1]):
        scope = each["places"] or each["every"]
        label = re.split("[（：]", before)[-2].strip() if "：" in before else ""
        # Without a name of its own it is of what the part before it counts.
        metric = label or name_behind(after) or scope
    return Found(
        "quantitative",
        metric,
        words,
        part,
        written,
        one.span,
        one.value,
        one.upper,
        one.unit,
        one.comparator,
        direction,
        scope,
        is_cumulative="累计" in before,
        is_average=AVERAGE.search(so_far) is not None,
        baseline=baseline.value if baseline else None,
        strength=strength_of(so_far),
        times=(baseline.span,) if baseline else (),
    )


def _since(target: Found, baseline: Quantity, times: list[Time]) -> Found:
    """A target with the day of its baseline, where it is printed: 由2020年的24项增加为30项."""
    start = target.span.start
    of = next(
        (t for t in times if start <= t.span.start < baseline.span.start and t.is_value), None
    )
    if of is None:
        return target
    return replace(target, baseline_on=of.due_on, times=(*target.times, of.span))


def _distributed(text: str, part: Span, targets: list[Found]) -> list[Found]:
    """分别达到65%和55%: as many metrics as there are figures, in their order."""
    words = text[part.start : part.end]
    apart = words.find("分别")
    if apart < 0 or len(targets) < 2:
        return targets
    first = next(
        (
            i
            for i, one in enumerate(targets)
            if one.figure and one.figure.start > part.start + apart
        ),
        None,
    )
    if first is None:
        return targets
    if re.search(r"(?:^|[到、和])20\d\d年$", words[:apart]):
        return targets
    head = re.split("[、和]", LEADING_TIME.sub("", words[:apart].removeprefix("其中")))
    rest = targets[first:]
    if len(head) != len(rest):
        return targets
    return targets[:first] + [
        replace(
            one, metric=f"{''.join(head[-1:]) if name is head[-1] else name}（{words[:apart]}）"
        )
        for name, one in zip(head, rest, strict=True)
    ]


def metric_of(before: str, after: str, words: str, written: str) -> str:
    """What is counted: the words before the figure, or those after it."""
    before = re.sub(r"^.*（\d{1,2}）", "", before)
    label = before[:-1].split("：")[0] if "：" in before and "）" not in before else ""
    before = re.split("[（：]", before)[-1] if "）" not in before else before
    after = after.lstrip("）")
    before = ENUMERATED.sub("", before)
    before = LEADING_TIME.sub("", LEADING_RANGE.sub("", before))
    before = re.sub("^(?:全年|年内|今年|当年)(?!度)", "", before)
    named = before[LEADING_VERBS.match(before).end() :].strip("、和及与：的")  # type: ignore[union-attr]
    named = before if len(named) == 1 else named  # 完成率
    named = "" if VERBS_ALONE.fullmatch(named) else named
    named = TRAILING.sub("", THEN.sub("", TRAILING.sub("", named)))
    behind = name_behind(after)
    if named in OF_A_THING:
        return behind + named
    if named in REACHES and behind:
        return named + behind
    if behind and (named.endswith("等") or COUNTS_BEHIND.search(named)):
        return behind  # 一号线、二号线等40个重大项目
    return named or behind or label or words or written


def name_behind(after: str) -> str:
    """What the words after a figure name."""
    behind = re.split("（|[、和](?=\\d)|\\d", after)[0].strip("、和的")
    return behind.rsplit("的", 1)[-1] if len(behind.rsplit("的", 1)[-1]) > 1 else behind


def coverage_of(text: str, part: Span, match: re.Match[str]) -> Found:
    """The target to cover all."""
    words = text[part.start : part.end]
    before, after = text[part.start : match.start()], text[match.end() : part.end]
    return Found(
        "coverage",
        metric_of(before.removesuffix("实现"), after, words, match[0]),
        words,
        part,
        match[0],
        Span(*match.span()),
        is_cumulative="累计" in words,
        is_average=AVERAGE.search(words) is not None,
        strength=strength_of(before),
    )


def strength_of(words: str) -> str:
    """How strongly something is said: 力争 is an aim, 原则上 a principle."""
    if PRINCIPLE.search(words):
        return "principle"
    return "aim" if AIMS.search(words) else "firm"
