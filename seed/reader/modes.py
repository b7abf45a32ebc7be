"""What a notice does with a system that it names: builds, upgrades, uses or only mentions it.

The verb before the name decides, within its part of the sentence; where that only moves things
along (推进, 加快), what stands behind the name does: 推进…平台建设.
"""

import re

PART = "，。；：！？\n"
LONGEST_PART = 120
VERBS = (
    # 建设完善 and 组建和完善 begin with building.
    ("builds", "(?:建设|建立|组建|构建)和?(?:完善|健全)|建设|打造|搭建|构建|建立|开发|组建|设立|互设|新建|创建|推出|发布|研发|开通"),
    ("upgrades", "升级|完善|优化|改造|提升|提高|增强|强化|健全|迭代|创新|整合|扩容|丰富|拓展|扩大"),
    ("uses", "依托|对接|基于|通过|利用|运用|推广|使用|接入|进驻|纳入|推行|部署|(?<![\\u4e00-\\u9fff])应用"),
    ("weak", "推进|推动|加快|加强|开展|深化|探索|支持|促进|加大"),
)  # fmt: skip
VERB = re.compile("|".join(f"(?P<{mode}>{words})" for mode, words in VERBS))
# Words that name or qualify, whatever verbs stand in them.
MASKED = re.compile("“[^”]*”|基于[^，。；]{1,14}的|依托[^，。；]{2,12}(?=建设|打造|搭建)")
# The rest of a list and what it is a list of: 、“智慧航道”等重点项目.
REST = (
    "[”」）]*(?:[、和“][^，。；]{1,40}?)?(?:等)?(?:[^，。；、]{0,8}(?:平台|系统|项目|专区))?(?:的)?"
)
BEHIND = (
    ("builds", re.compile(f"{REST}(?:推广)?建设(?!完善)")),
    ("upgrades", re.compile(f"{REST}(?:升级|改造|优化|[^，。；、]{{0,10}}能力)")),
    (
        "uses",
        re.compile(
            f"{REST}(?:应用|推广|进驻|对接|接入|[^，。；]{{0,20}}互联互通|在[^，。；]{{1,6}}推广)"
        ),
    ),
)


def mode_of(text: str, start: int, end: int) -> str:
    """What the text does with what it names from `start` to `end`."""
    begin = start
    while begin > max(0, start - LONGEST_PART) and text[begin - 1] not in PART:
        begin -= 1
    before = MASKED.sub(lambda match: "·" * len(match[0]), text[begin:start])
    if before.endswith("以") and text.startswith("为载体", end):
        return "uses"
    last = max(VERB.finditer(before), key=lambda verb: verb.start(), default=None)
    if last and last.lastgroup and last.lastgroup != "weak":
        return last.lastgroup
    return next((mode for mode, words in BEHIND if words.match(text, end)), "mentions")
