"""Figures and their units: 10亿千瓦, 95.5%以上, 不超过5个工作日, 3至5个, 一半, 翻一番."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from seed.reader.text import Span

SCALES = {
    "": 1, "十": 10, "百": 100, "千": 1000, "万": 10**4, "亿": 10**8, "百万": 10**6, "千万": 10**7,
    "万亿": 10**12, "千亿": 10**11, "百亿": 10**10, "十亿": 10**9, "十万": 10**5,
}  # fmt: skip
BEFORE = {
    "超过": "gt", "突破": "gt", "高于": "gt", "多于": "gt", "大于": "gt", "超": "gt", "逾": "gt",
    "不少于": "gte", "不得少于": "gte", "不得低于": "gte", "不低于": "gte", "不小于": "gte", "达到": "gte", "达": "gte", "至少": "gte",
    "不超过": "lte", "不得超过": "lte", "不高于": "lte", "不得高于": "lte", "不多于": "lte", "不大于": "lte", "控制在": "lte",
    "最高": "lte", "最多": "lte", "至多": "lte", "最高不超过": "lte", "上限": "lte",
    "低于": "lt", "少于": "lt", "小于": "lt", "不足": "lt",
    "约": "about", "大约": "about", "近": "about",
}  # fmt: skip
AFTER = {
    "以上": "gte", "及以上": "gte", "或以上": "gte", "以内": "lte", "之内": "lte", "内": "lte", "以下": "lte", "及以下": "lte",
    "左右": "about", "上下": "about",
}  # fmt: skip
DIRECTIONS = {
    "压减": "decrease", "减少": "decrease", "降低": "decrease", "下降": "decrease", "缩短": "decrease", "压缩": "decrease",
    "减": "decrease", "降": "decrease", "缩减": "decrease", "削减": "decrease",
    "增长": "increase", "增加": "increase", "提高": "increase", "提升": "increase", "上升": "increase", "增至": "increase",
    "扩大": "increase", "拓展": "increase",
}  # fmt: skip
HAN_BEFORE = ("不少于", "不得少于", "不低于", "不超过", "不得超过", "至少", "最多", "至多")
UNITS = (
    "个百分点", "百分点", "个工作日", "工作日", "个自然日", "自然日", "个月", "个小时", "人次", "公里", "小时", "分钟", "平方米", "平方公里", "平方千米",
    "立方米", "立方", "公顷", "美元", "欧元", "港元", "人民币", "千瓦时", "千瓦", "兆瓦", "吉瓦", "千克", "公斤", "毫米",
    "厘米", "千米", "微克", "毫克", "吨标准煤", "克标准煤", "标准煤", "岁", "标准箱", "标箱", "标准集装箱", "元/千克", "元/平方米", "元/吨", "元/件", "元/项", "元/人", "元/个", "元/台", "元/家",
    "元/户", "元/年", "元/月", "元/亩", "人/年", "吨/年", "吨/日", "架次", "班次", "车次", "人天", "人年", "课时", "学时", "学分", "张床位", "张",
    "PFLOPS", "PFlops", "EFLOPS", "EFlops", "TFLOPS", "Pflops", "Eflops", "PB", "TB", "GB", "EB", "ZB", "MB", "Gbps", "Mbps", "Tbps", "GW", "MW", "kW", "GWh", "kV",
    "TEU", "μg/m³", "µg/m³", "ug/m³", "μg/m3", "mg/m³", "mg/L", "m³", "m3", "㎡", "m²", "km²", "hm²", "μg", "µg", "mg", "kg", "km", "ms", "%", "‰", "℃", "平米", "部门", "批次", "轮次", "/10万", "条次", "项次", "件次", "户次", "场次", "例次", "个次",
    "个", "项", "家", "笔", "路", "核", "条", "种", "类", "次", "户", "人", "所", "台", "名", "位", "辆", "艘", "架", "列", "节", "艘次",
    "亩", "天", "日", "周", "年", "月", "件", "套", "座", "元", "吨", "倍", "宗", "例", "本", "份", "场", "期", "只", "部", "款", "幅", "支", "级", "米", "间",
    "栋", "幢", "处", "片", "块", "批", "轮", "届", "头", "株", "棵", "枚", "粒", "羽", "尾", "箱", "瓶", "吉", "分", "秒", "颗", "卡", "机架", "节点", "度",
    "单", "字", "页", "册", "篇", "集", "首", "版", "镇", "村", "县", "市", "乡", "省", "区", "校", "院", "厂", "店", "站", "门", "线", "段", "口", "点", "组", "对",
    "队", "班", "岗", "床", "房", "车", "根", "杆", "盏", "端", "桩", "桶", "袋", "盘", "枪", "海里", "英里", "英寸", "吋", "升", "克", "斤", "瓦", "伏", "赫兹",
    "兆", "比特", "字节", "公里/小时", "千米/小时", "人/平方公里",
)  # fmt: skip
DISTINCT = {"个工作日": "工作日", "个小时": "小时", "平米": "平方米", "个自然日": "自然日"}
# A unit of one character that begins a word is none: 5亿人工智能基金 counts no people.
WORDS_BEGIN = {
    "人": "工才员民口均体机大社力物类生群防文脸形", "家": "庭电政具长园", "种": "植业子质养粮", "类": "型别似", "户": "外籍口型", "条": "件例",
    "项": "目", "台": "湾账", "本": "科级地土部", "场": "景所地馆域", "期": "间货", "部": "门分委署", "支": "持付撑部", "级": "别", "处": "理置",
    "片": "区", "批": "发复", "点": "位击", "门": "户店诊类", "线": "上下路缆", "口": "岸径腔", "组": "织团建", "对": "接外口标象", "队": "伍",
    "班": "级组子", "岗": "位", "床": "位", "房": "屋产间", "车": "辆间站道", "站": "点", "校": "园", "院": "士校所", "镇": "街", "村": "庄",
    "县": "域级", "市": "场级民", "省": "级", "区": "域县块", "乡": "镇村", "字": "节", "集": "群聚中团成", "首": "批", "版": "本", "分": "钟别",
    "年": "级度", "周": "岁年边", "天": "然", "次": "要", "位": "置", "所": "有需", "架": "构", "节": "点能", "份": "额", "宗": "教", "幅": "度",
    "核": "心酸电", "路": "径网段", "单": "位个元品", "元": "宇器", "升": "级", "度": "假", "端": "口", "店": "铺", "厂": "房", "卡": "口", "名": "单录称",
}  # fmt: skip
HAN_DIGITS = "一二三四五六七八九十两百千万亿"
HAN_VALUES = {c: v for v, c in enumerate("〇一二三四五六七八九")} | {"两": 2}


def _any(words: Sequence[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


NUMBER = r"\d+(?:,\d{3})*(?:\.\d+)?"
SCALE = r"(?:万亿|[十百千]?[万亿]|[百千十](?![瓦克米卡伏兆]))?"
# Words that end or begin like a comparison: 节约30%, 雷达3部, 5个内容.
NOT_BEHIND = {"约": "节集预合制公契签", "近": "附靠临最邻亲", "达": "雷发表抵马", "超": "高"}
NOT_BEFORE = {
    "内": "容部涵外蒙河地陆设置镜科核",
    "以下": "简措任内方工几",
    "以上": "措任内方工几",
}
BEFORE_WORDS = "|".join(
    (f"(?<![{NOT_BEHIND[word]}])" if word in NOT_BEHIND else "") + word
    for word in sorted(BEFORE, key=len, reverse=True)
)
AFTER_WORDS = "|".join(
    word + (f"(?![{NOT_BEFORE[word]}])" if word in NOT_BEFORE else "")
    for word in sorted(AFTER, key=len, reverse=True)
)
AFTER_WORD = re.compile(AFTER_WORDS)
UNIT = "|".join(
    re.escape(u) + (f"(?![{WORDS_BEGIN[u]}])" if u in WORDS_BEGIN else "")
    for u in sorted(UNITS, key=len, reverse=True)
)
DIRECTION_WORDS = _any([*DIRECTIONS]).replace("提升", "(?<!改造)(?<!整治)提升")  # 改造提升500个
LINK = r"(?:至|到|为|了|在)?"
QUANTITY = re.compile(
    rf"(?:(?P<direction>{DIRECTION_WORDS}){LINK})?(?:(?P<before>{BEFORE_WORDS}){LINK})?"
    rf"(?<![\d.A-Za-z+〔第])(?P<first>{NUMBER})(?P<first_scale>{SCALE})(?P<many>余|多)?"
    rf"(?:(?:(?P<first_unit>{UNIT})?[至—～~\-–]|到)(?P<second>{NUMBER})(?P<second_scale>{SCALE}))?"
    rf"(?P<unit>(?:{UNIT})(?:/(?:{UNIT}|[百千万](?:{UNIT})))?)?(?P<many_after>余|多)?(?P<after>{AFTER_WORDS})?"
)
HAN_QUANTITY = re.compile(
    rf"(?P<direction>{_any([*DIRECTIONS])})?(?:至|到)?(?P<before>{_any(HAN_BEFORE)})(?:至|到)?"
    rf"(?P<first>[{HAN_DIGITS}]{{1,9}})(?P<unit>{UNIT})(?P<after>{_any([*AFTER])})?"
    rf"|(?P<first2>(?:[{HAN_DIGITS}]?[十百]|[两二三四五六七八九]千)[{HAN_DIGITS}]{{0,3}})(?P<unit2>个|项|家|名|场|次|条|所|套|件|种|台|座)(?P<after2>以上|以内|左右)"
)
WORDS = (
    (re.compile(r"翻(?:了)?一番|翻倍"), Decimal(100), "%", "increase"),
    (re.compile(r"翻两番"), Decimal(300), "%", "increase"),
    (re.compile(r"(?:减|降|压减|压缩|缩短|减少|降低|下降)(?:至|到)?(?:一半|半(?!个|年|天|小时)|50%)"), Decimal(50), "%", "decrease"),
    (re.compile(r"(?:增长|提高|增加)一倍"), Decimal(100), "%", "increase"),
    (re.compile(r"(?:减|降|压|缩|归)(?:少|低|减|缩|短)?(?:至|到|为)零(?!部|售)|清零"), Decimal(0), None, "decrease"),
    (re.compile(r"(?<!趋)零增长"), Decimal(0), "%", None),
    (re.compile(r"(?<!趋)零(?:发生|事故|死亡|新增|缺陷|排放)"), Decimal(0), None, None),
)  # fmt: skip
HALF = re.compile(
    r"(?P<direction>减至|缩短至|压缩至|缩短到|压缩到)?(?<=[至到、和内])半(?P<unit>个月|年|天|小时)"
)
COVERAGE = re.compile(
    r"全覆盖|全部(?=纳入|实现|完成|利用|达到|建成|接入|上线|覆盖|达标|整改)|(?<=实现)全部|全量利用"
)


@dataclass(frozen=True)
class Quantity:
    """A figure as printed, with what it says."""

    span: Span
    number: Span  # the digits alone
    value: Decimal
    upper: Decimal | None
    unit: str | None
    comparator: str
    direction: str | None
    is_contradictory: bool = False  # 超过…以内, or a range that falls
    scaled: bool = False
    explicit: bool = False  # a comparison or a direction was printed


def quantities(text: str, span: Span, none: Sequence[Span]) -> list[Quantity]:
    """The figures of a stretch, in its order, without the digits that are known to be none."""
    found: list[Quantity] = []
    taken = [one for one in none if one.overlaps(span)]

    def add(quantity: Quantity) -> None:
        if not _is_time(quantity) and not any(quantity.number.overlaps(one) for one in taken):
            found.append(quantity)
            taken.append(quantity.span)

    for match in QUANTITY.finditer(text, span.start, span.end):
        start, end = match.span()
        quantity = _arabic(match, Span(start, end))
        if quantity.upper is not None and text[max(span.start, start - 1)] in "由从":
            quantity = replace(quantity, is_contradictory=True)  # 由5%至6%: no range
        add(quantity)
    for match in HAN_QUANTITY.finditer(text, span.start, span.end):
        add(_han(match))
    for pattern, value, unit, direction in WORDS:
        for match in pattern.finditer(text, span.start, span.end):
            more = AFTER_WORD.match(text, match.end(), span.end)
            place = Span(match.start(), more.end() if more else match.end())
            comparator = AFTER[more[0]] if more else "eq"
            add(Quantity(place, place, value, None, unit, comparator, direction, explicit=True))
    for match in HALF.finditer(text, span.start, span.end):
        place = Span(*match.span())
        add(Quantity(place, place, Decimal("0.5"), None, match["unit"], "eq", None))
    found.sort(key=lambda one: one.span)
    return found


def _is_time(quantity: Quantity) -> bool:
    """2023年 and 6月 count nothing; 30日内 does."""
    if quantity.unit == "年":
        return 1900 <= quantity.value <= 2100
    return quantity.unit in ("月", "日") and quantity.comparator == "eq"


def _arabic(match: re.Match[str], span: Span) -> Quantity:
    value = scaled(match["first"], match["first_scale"] or (match["second_scale"] or ""))
    upper = scaled(match["second"], match["second_scale"]) if match["second"] else None
    before = BEFORE.get(match["before"] or "")
    after = AFTER.get(match["after"] or "")
    if (match["many"] or match["many_after"]) and not after:
        after = "gt"
    if before == "about" and after:
        before = None
    wrong = bool(before and after and before != after and {before, after} != {"gt", "gte"})
    if before == "gte" and after == "about" or before == "lte" and after == "about":
        wrong, before = False, None  # 达到50%左右, 控制在5%左右
    if upper is not None:
        other_unit = match["first_unit"] not in (None, match["unit"])
        wrong = wrong or value >= upper or other_unit
        comparator = "between"
    else:
        comparator = before or after or "eq"
    unit = match["unit"]
    return Quantity(
        span,
        Span(match.start("first"), match.end("second") if match["second"] else match.end("first")),
        value,
        upper,
        DISTINCT.get(unit, unit) if unit else None,
        comparator,
        DIRECTIONS.get(match["direction"] or ""),
        wrong,
        bool(match["first_scale"] or match["second_scale"]),
        bool(match["direction"] or before or after or upper),
    )


def _han(match: re.Match[str]) -> Quantity:
    numeral = match["first"] or match["first2"]
    group = "first" if match["first"] else "first2"
    unit = match["unit"] or match["unit2"]
    before = BEFORE.get(match["before"] or "")
    after = AFTER.get(match["after"] or match["after2"] or "")
    return Quantity(
        Span(*match.span()),
        Span(match.start(group), match.end(group)),
        han_value(numeral),
        None,
        DISTINCT.get(unit, unit),
        before or after or "eq",
        DIRECTIONS.get(match["direction"] or ""),
        explicit=True,
    )


def han_value(numeral: str) -> Decimal:
    """The value of a numeral: 三十五, 两百, 一千二百, 三十万."""
    total, digit = 0, 0
    for character in numeral:
        if character in HAN_VALUES:
            digit = HAN_VALUES[character]
        elif character in "万亿":
            total, digit = (total + digit or 1) * SCALES[character], 0
        else:
            total += (digit or 1) * SCALES[character]
            digit = 0
    return Decimal(total + digit)


def scaled(digits: str, scale: str | None) -> Decimal:
    """The value of digits and the word behind them: 1.5万."""
    value = Decimal(digits.replace(",", "")) * SCALES[scale or ""]
    return value.to_integral_value() if value == value.to_integral_value() else value
