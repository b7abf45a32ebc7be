"""Numbers that are no commitment, each with the name of the rule that says why.

The first rule that fits a place gives its name.  What no rule explains is read, or asked about.
"""

import re
from dataclasses import dataclass

from seed.reader.text import Span

NUMERAL = "〇零一二三四五六七八九十百千两"


@dataclass(frozen=True)
class Explained:
    """A stretch of text and the rule that explains it."""

    span: Span
    rule: str


# Places in the text that hold digits, whatever stands around them.
DIGITS = (
    (re.compile(r"[〔\[【﹝]\d{4}[〕\]】﹞](?:第)?\d+号"), "document_number"),
    (re.compile(r"《[^》\n]*》"), "title_of_a_document"),
    (re.compile(r"(?m)^\d{1,3}[.．、]"), "label"),
    (re.compile(r"(?<=[。；：|])(?:\d{1,2}[.．、]\s?|（\d{1,2}）)(?=[\u4e00-\u9fff“])"), "label_inside"),
    (re.compile(r"(?m)^[（(]\d{1,2}[）)]"), "label"),
    (re.compile(r"附件\s*\d+|表\s*\d+|图\s*\d+|专栏\s*\d+"), "reference"),
    (re.compile(r"第\d+[届期批次季号条款位名版]?"), "ordinal"),
    (re.compile(r"\d+(?:\+\d+)+(?:\+[A-Za-zN\d]+)*|\d\+[A-Za-zN]\b|\d\+[A-Z]"), "model_name"),
    (re.compile(r"\d+大(?!于|大)"), "number_of_kinds"),
    (re.compile(r"7[×xX*]24(?:小时)?|24小时(?=不打烊|自助|在线|开放|营业|值班|值守|服务|监测|监控|无人|全天|接听|受理|响应|畅通|不间断|轮班)"), "service_hours"),
    (re.compile(r"(?<!\d)(?:1[012]\d{1,3}|9\d{4})(?=[^，。；]{0,10}(?:热线|平台|电话))|(?<=热线)\d{3,8}|0\d{2,3}-\d{7,8}"), "telephone_number"),
    (re.compile(r"(?<=[政府台版网链业])\d\.0(?!\d)|\d\.0(?=版|时代|平台|工程|行动|模式|改革|”|》|建设)"), "version"),
    (re.compile(r"IPv\d|\d[DGVK](?![A-Za-z])|[A-Za-z]{1,8}[-－]?\d+(?:\.\d+)*(?![\d万亿%])"), "technical_name"),
    (re.compile(r"\d+A?级(?!以上|以下|及以上|标准|响应)|\d+A级?(?=景区|（)|[A-Z]\d?级"), "grade"),
    (re.compile(r"\d+年期|\d+[—\-至~]\d+(?:周?岁)|(?<![\d.])\d+周岁|(?<![\d.])\d+岁(?=[至以（及的]|老|儿|婴|人|幼|青|$)(?!以上[，。；])"), "age_or_term"),
    (re.compile(r"(?<=前)\d+(?=[名位强])|\d+强"), "rank"),
    (re.compile(r"[（(]共?\d+[项个条件][）)]"), "count_of_a_list"),
    (re.compile(r"近\d+年来?|未来\d+年|\d+年来|连续\d+年|过去\d+年|\d+年多来"), "span_of_years"),
    (re.compile(r"\d+年以上(?:[^，。；]{0,6})(?:经验|经历|工龄)"), "condition"),
    (re.compile(r"\d+(?:\.\d+)?[万千百]?卡(?=[^，。；、]{0,4}(?:智算|算力|集群|级))|\d+(?:\.\d+)?(?:米|公里|千伏|kV)(?=[^，。；、\d]{0,2}(?:级|线路|跑道|口径|焦炉))"), "size_in_a_name"),
    (re.compile(r"\d+(?:\.\d+)?[十百千]?[万亿]元?级(?!别)"), "size_in_a_name"),
    (re.compile(r"\d{1,2}[:：]\d{2}(?!\d)"), "time_of_day"),
    (re.compile(r"\d+[:：]\d+(?=比例|的比例|补助|配套|配比|给予|的?标准)"), "ratio"),
    (re.compile(r"(?<=等)\d+(?=[市省地县区州国])"), "count_of_a_list"),
    (re.compile(r"(?<=等)\d+(?=个(?:行业|领域|地区|部门|方面|城市|国家|单位|省|市|县))"), "count_of_a_list"),
    (re.compile(r"[A-Z]/\w类|\d+类地区"), "grade"),
    (re.compile(r"“(?!(?:最多|最高|不超过|不少于|至少|不低于)\d)[^”\n]{0,24}”"), "quoted_name"),
    (re.compile(r"山区(?:海岛)?\d+个?县"), "name"),
    (re.compile(r"(?<=[\u4e00-\u9fff])\d+(?=号(?:线|院|楼|令|文))"), "name"),
)  # fmt: skip
# A count behind one of these tells what is followed or carried out, and commits to no number.
REFERS = re.compile(
    "(?:围绕|紧扣|对照|按照|根据|聚焦|依据|对标|锚定|紧盯|瞄准|依照|参照)(?P<between>[^，。；]{0,24})$"
)
CARRIES_OUT = re.compile("(?:落实|贯彻|执行|用好|兑现)(?P<between>[^，。；]{0,24})$")
SET_BY = re.compile(
    "(?:国家|规划|纲要|报告|方案|条例|意见|(?:确定|明确|部署|下达|出台|提出|安排)的|省委|省政府|市委|市政府|国务院)$"
)
DOES = re.compile(
    "建[设成]|新建|新增|培育|打造|引进|实施|开展|完成|制定|推出|形成|组织|举办|改造|设立|布局|实现|创建|攻关|遴选|选派"
)
COUNTED = re.compile("(?:条|项|款|大|个|类|点|件|方面)$")
MEASURE_NOUN = re.compile(
    "[\u4e00-\u9fff]{0,4}(?:政策|措施|举措|意见|办法|规定|任务|要求|部署|细则|制度|条款|改革|清单|指标|目标|精神)"
)
# Chinese numerals with a unit, which are words and not figures.
WORDS = (
    (re.compile(r"“[^”\n]{0,40}”|《[^》\n]*》"), "quoted_name"),
    (re.compile(rf"(?m)^[{NUMERAL}]+、|^（[{NUMERAL}]+）"), "label"),
    (re.compile(rf"第[{NUMERAL}]+"), "ordinal"),
    (re.compile(rf"十[{NUMERAL}]五|[{NUMERAL}]+大(?=召开|胜利|和|精神|以来|报告)|[{NUMERAL}]+届|[{NUMERAL}]+中(?=、|全会)"), "congress_or_plan"),
    (re.compile(rf"（[{NUMERAL}]+期）|[{NUMERAL}]+期(?=项目|工程|建设)"), "project_phase"),
    (re.compile(rf"[{NUMERAL}]级"), "levels_of_government"),
    (re.compile("[珠长]三角|京津冀三地"), "place_name"),
    (re.compile(
        "统一|一体化|一体|进一步|一批|一流|一次|一系列|一致|一云多芯|万众|唯一|单一|逐一|一定|一律|一并"
        "|十分|千家万户|百姓|一键|一站式|一网|一窗|一号"
    ), "word"),
    (re.compile(rf"[{NUMERAL}]+"), "number_in_words"),
)  # fmt: skip
# What stands around a figure that is no commitment; searched in its part of the sentence.
CONDITION_BEFORE = re.compile(
    r"(?:^|[，；])?(?:对|对于|凡|如|若|当|按照?每|年薪|注册资本|符合)[^，。；]*$"
)
QUALIFIED = re.compile(
    r"的(?:[\u4e00-\u9fff]{0,10})(?:企业|单位|项目|人才|机构|个人|团队|平台|地区|城市|市县|用户|产品|设备|主体|人员|医院|学校|村|镇|乡|街道|社区|地膜|塑料袋|购物袋|建筑|车辆|家庭|工程|园区)"
)
QUALIFIES = re.compile(
    r"(?:以上|以下)?的?[\u4e00-\u9fff“”]{2,16}\d[\d.,]*[万亿]?(?:个|项|家|条|座|所|宗|处|台|套)"
)
COMPARES = re.compile("超(?!高|大|前|额|市|级|声)|不足|低于|高于|满|以上|以下|大于|小于|不少于")
LIMIT = re.compile(COMPARES.pattern + "|突破|达到|超|[元%人年亩米吨里]")
THRESHOLD = re.compile("以上|以下|超|不足")
EXEMPTS = re.compile("(?:以上|以下)?(?:的)?(?:免征|免收|免缴|减征|减按|减半|暂免|不征|可以|予以)")
RATE = re.compile("的?(?:优惠)?(?:税率|费率|征收率)(?:计算|征收|缴纳)")
# Rates of aid: 给予10%的补贴, 按投资额的20%给予补助, 减征50%; with a cap (最高50%) they are read.
AID = "补贴|补助|贴息|奖励|奖补|减免|资助|配套|补偿|返还|报销|抵扣|优惠"
BARE_RATE = re.compile(r"\d[\d.]*[%‰]")
GRANTS = re.compile(
    "(?:给予|予以|享受|按照?)(?![^，。；]*(?:不[超高低少]|最高|最多|至少))[^，。；]*$"
)
GRANTED = re.compile(f"的?(?:比例|标准)?(?:给予|予以)?[^，。；\\d]{{0,10}}(?:{AID})")
RATE_OF = re.compile(f"(?:{AID})(?:标准|比例|额度)(?:为|按照?)[^，。；\\d]{{0,12}}$|减[征免]$")
SIZE = re.compile("[元人亩吨米里](?:以上|以下)$")
SIZED = re.compile(r"[\u4e00-\u9fff“”]{0,8}?(?:企业|项目|单位|机构|工程|村|主体|建筑|产品)")
MEASURED = re.compile(
    r"[^，。；\d]{2,20}(?:率|比例|占比|比重)(?:均|都|总体)?(?:达到|达|为|保持在|稳定在|提高到|不低于|超过)?\d[\d.]*%"
)
SHARE_BEHIND = re.compile(
    r"(?:以上|以下)?(?:且|并|、|和|的)?[^，。；]{1,30}(?:占比|比例|比重|数量|总数|个数|家数)[^，。；]{0,8}\d"
)
FORBIDS = re.compile(r"(?:禁止|不得|严禁|限制|淘汰)[^，。；]*$")
EXPECTED = re.compile(r"预计|预期(?!寿命|目标)|预测|估计")
# What is there already: 已建成通用机场13个; 在已建成的…基础上 ends before its noun.
EXISTING = re.compile(
    r"(?<![早而业])已(?:经)?(?:累计)?(?:建成|建立|建有|建|达|达到|有|实现|完成|培育|覆盖|开通|接入|汇聚|超|超过|突破|形成|拥有|发展|推出|上线|归集|打造|集聚|引进|认定|获批|备案|投入|开工|投产|纳入)(?!的)[^，。；]*$|现有(?!的)[^，。；]*$"
)
# 已下达的3.45万亿元, 在这20个项目基础上
PLANNED = re.compile("已(?:经)?[\u4e00-\u9fff]{2,4}的$")
BASED_ON = re.compile("[^，。；\\d]{0,10}基础上")
STRICTLY = re.compile("(?:禁止|严禁)[^，。；]*$")


def digits_explained(text: str) -> list[Explained]:
    """Places whose digits are names, labels, versions, years of a document."""
    return [
        Explained(Span(*match.span()), rule)
        for pattern, rule in DIGITS
        for match in pattern.finditer(text)
        if re.search(r"\d" if rule != "title_of_a_document" else r"\d|十[一二三四五六]五", match[0])
    ]


def words_explained(text: str) -> list[Explained]:
    """Chinese numerals: the first rule that fits each."""
    found: list[Explained] = []
    taken: set[int] = set()
    for pattern, rule in WORDS:
        for match in pattern.finditer(text):
            if re.search(f"[{NUMERAL}]", match[0]) and not taken.intersection(range(*match.span())):
                found.append(Explained(Span(*match.span()), rule))
                taken.update(range(*match.span()))
    return found


def around(text: str, part: Span, figure: Span) -> str | None:
    """The rule that explains a figure by what stands around it in its part of the sentence."""
    before = text[part.start : figure.start]
    behind = text[figure.end : part.end]
    words = text[max(part.start, figure.start - 2) : figure.end + 2]
    if EXPECTED.search(before):
        return "expected"
    if before.endswith("减按") or RATE.match(behind):
        return "rate"
    if BARE_RATE.fullmatch(text, figure.start, figure.end) and (
        RATE_OF.search(before) or GRANTS.search(before) and GRANTED.match(behind)
    ):
        return "rate"
    if EXISTING.search(before) or PLANNED.search(before) or BASED_ON.match(behind):
        return "background"
    if (
        STRICTLY.search(before)
        or FORBIDS.search(before)
        and behind.startswith(("内", "以内", "范围"))
    ):
        return "threshold"
    if COUNTED.search(text, figure.start, figure.end) and (rule := _of_a_set(before, behind)):
        return rule
    if FORBIDS.search(before) and (QUALIFIED.search(behind) or "的" in behind[:3]):
        return "threshold"
    if behind.endswith("的") and text[part.end : part.end + 1] == "，":
        return "condition"  # 年薪100万元以上的，可以…
    if EXEMPTS.match(behind) and re.search("以上|以下", words) or before.endswith("适用"):
        return "condition"  # 月销售额10万元以下免征增值税
    if figure.start == part.start and MEASURED.match(behind):
        return "counted_set"  # 149个国考断面优良率达89.3%
    if SIZE.search(text, figure.start, figure.end) and SIZED.match(behind):
        return "condition"  # 产值2000万元以上企业
    if not LIMIT.search(words):
        return None
    counts_more = QUALIFIES.match(behind) or re.match(
        r"(?:以上|以下|左右)?的[^，。；\d]{1,20}\d", behind
    )
    named = re.match("(?:以上|以下|以内)?" + QUALIFIED.pattern, behind)
    if THRESHOLD.search(words) and SHARE_BEHIND.match(behind):
        return "condition"  # 收入30万元以上且经营性收入15万元以上行政村占比达85%
    if (counts_more or named) and COMPARES.search(words):
        return "condition"  # 10亿元以上项目611个 counts projects; 超过100人的企业
    if CONDITION_BEFORE.search(before) and QUALIFIED.search(behind):
        return "condition"  # 对研发费用占比3%以上且增长20%以上的企业
    return None


def _of_a_set(before: str, behind: str) -> str | None:
    """Whether a count is of a policy or a list that is there already: 落实31条, 对照39项指标."""
    refers = REFERS.search(before)
    if refers and behind and not DOES.search(refers["between"]):
        return "background"
    carries = CARRIES_OUT.search(before)
    if (
        carries
        and not DOES.search(carries["between"])
        and (not behind or MEASURE_NOUN.match(behind))
    ):
        return "counted_set"
    return "counted_set" if behind and SET_BY.search(before) else None
