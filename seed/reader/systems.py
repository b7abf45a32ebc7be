"""Systems that a notice names by what they are: …平台, …系统, …数据库, …专区, …制度, …凭证.

A rule proposes each with its full printed name; it becomes a system when a person enters it in
`registry/platforms.yaml`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from seed.reader.modes import mode_of
from seed.reader.text import Span

KINDS = (
    ("database", "数据库|主题库|专题库|基础库|资源库|信息库|知识库|案例库"),
    ("model", "大模型|模型"),
    ("credential", "凭证|电子证照|残疾人证|保障卡|社保卡|(?<=[^编])码(?!头|率)"),
    ("scheme", "(?<!体)制度|协作机制|协调机制"),
    ("institution", "联盟|研究院|运营中心|交易场所"),
    ("system", "系统(?!性|化|治理|推进|谋划)|分中心|中心(?!城|区|任务|工作|环节|镇)|中台"),
    ("platform", "平台(?!经济|企业|型)|专区|门户|专窗|便民热线"),
)
ENDS = re.compile("|".join(f"(?P<{kind}>{words})" for kind, words in KINDS))
# What ends a name on its left: marks, verbs, and words that only join.
LEFT = re.compile(
    "(?P<mark>[，。；：、（）()|！？\\s])|(?P<joins>[与和及或])|"
    "(?P<verb>(?:建设|建立|组建|构建)和?(?:完善|健全)|组建|打造|搭建|升级改造|升级|优化|完善|迭代|依托|对接|推进|推动|建立|健全|构建|"
    "利用|通过(?!率)|纳入|接入|基于|加快|加强|推广应用|推广|拓宽|深化|强化|实现|形成|提升|促进|围绕|探索|建成|上线|部署|启动|运用|"
    "归集|制定|鼓励|支持|引导|包括|结合|完成|创建|设立|互设|新增|新建|面向|提高|增强|丰富|确保|推行|有序开展|开展|扩展|自主进驻|"
    "的|等(?!级)|为|由|从|把|其他|一批|若干|逐步|持续|不断|全面|积极|加大|进一步|各地|各部门|[^，。；]{1,3}市(?=探索|建设))|"
    # Verbs that also stand within names: they begin one only directly behind another boundary.
    "(?P<inner>建设|开发|改造|整合|融合|共建|统筹|实施|发布|发挥|覆盖|落实|规范|指导|组织|使用|研究|创新|拓展|支撑|应用|以|将|在|按|省市|有关|相关)"
)
SHORTEST, LONGEST = 2, 30  # characters before the word for what it is
GENERAL = re.compile(
    "(?:各类|现有|试点|统一|两级|省|市|县|该|本|新|大型|公共|多|级|基础|信息|应用|业务|管理|服务|数据|政务|大数据|数字|核心|建设|支撑|综合|一体化|社会治理|云|[“”、])*"
)


@dataclass(frozen=True)
class System:
    """A system as printed, what it seems to be, and what the notice does with it."""

    name: str
    kind: str
    span: Span
    mode: str


def proposed_systems(text: str, names: Sequence[str]) -> Iterator[System]:
    """What looks like a system and is none of the names that are registered."""
    known = re.compile("|".join(map(re.escape, sorted(names, key=len, reverse=True))) or "(?!)")
    taken = [Span(*match.span()) for match in known.finditer(text)]
    for end in ENDS.finditer(text):
        start = _begin(text, end.start())
        span = Span(start, end.end())
        words = text[start : end.start()]
        if len(words) < SHORTEST or GENERAL.fullmatch(known.sub("", words)):
            continue
        if any(one.start <= span.start and span.end <= one.end for one in taken):
            continue
        yield System(
            text[start : end.end()], str(end.lastgroup), span, mode_of(text, start, end.end())
        )


def _begin(text: str, end: int) -> int:
    """Where the name that ends here begins; quotes within it stay whole."""
    first = max(0, end - LONGEST - 20, text.rfind("\n", 0, end) + 1)
    window = re.sub("“[^”]*”", lambda match: "“" * len(match[0]), text[first:end])
    cut = 0
    for boundary in LEFT.finditer(window):
        is_behind_another = ENDS.search(window[cut : boundary.start()]) is not None
        stands_within = boundary["joins"] or (boundary["inner"] and boundary.start() > cut)
        if stands_within and not is_behind_another:
            continue
        cut = boundary.end()
    begin = first + cut
    opened = text.rfind("“", begin, end)
    return opened + 1 if opened >= 0 and "”" not in text[opened:end] else begin
