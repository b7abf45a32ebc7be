"""What figures count that name nothing themselves: that of the figure before them."""

import re
from collections.abc import Sequence
from dataclasses import replace

from seed.reader.statements import Found

NAMELESS = re.compile(
    r"(?:力争|其中|(?:比|较)(?:上年|去年)(?:同期)?|[比较]?\d{4}年|第?[一二三四]季度|[上下]半年|年|[到至底末前，])*(?:分别|累计|达|突破|超|不低于|不少于|不超过|增长|提高|降|[上下]升|增|减|约|\d)"
)
HOW_FAST = re.compile("年均|同比|环比|(?:年均)?增速|增幅|总数|总量|总计")
LEVEL = re.compile("^(?:世界|国家|省部|省|市|县|区)级(?:以上)?")


def with_names(targets: list[Found], before: list[Found]) -> list[Found]:
    """Figures without a name of their own are of what the part before them counts."""
    if not targets or len(targets) != len(before):
        return targets
    return [
        replace(one, metric=other.metric)
        if one.metric == one.statement and NAMELESS.match(one.statement)
        else replace(one, metric=other.metric + one.metric)
        if HOW_FAST.fullmatch(one.metric)
        else one
        for one, other in zip(targets, before, strict=True)
    ]


def of_places(targets: list[Found], before: Sequence[Found]) -> list[Found]:
    """（广州、深圳各6个以上） and 省级5家: figures of what the one before them counts."""
    if not before:
        return targets
    last = before[-1]
    return [
        replace(one, metric=last.metric)
        if one.metric == one.scope and last.metric != last.scope
        else _of_level(one, last)
        for one in targets
    ]


def _of_level(one: Found, before: Found) -> Found:
    """市级智能工厂30家、省级5家 counts 省级智能工厂."""
    what = LEVEL.sub("", before.metric)
    if what and LEVEL.fullmatch(one.metric):
        return replace(one, metric=one.metric + what)
    return one
