"""The marks that number a paragraph: 一、 （一） 1. （1） 1） ① 第一条."""

import re
from dataclasses import dataclass

from seed.numerals import chinese_number

HAN_NUMERAL = "一二三四五六七八九十百〇"
# From the outermost to the innermost, as official documents nest them.
STYLES: dict[str, re.Pattern[str]] = {
    "part": re.compile(
        rf"(?P<label>第(?P<n>[{HAN_NUMERAL}]+)(?:部分|章|篇|类(?=[\s：:、])))[\s：:、]*"
    ),
    "chapter": re.compile(rf"(?P<label>第(?P<n>[{HAN_NUMERAL}]+)节)[\s：:、]*"),
    "article": re.compile(rf"(?P<label>第(?P<n>[{HAN_NUMERAL}]+)条)[\s　：:、]*"),
    "han": re.compile(rf"(?P<label>(?P<n>[{HAN_NUMERAL}]{{1,4}}))[、.．]\s*(?=\S)"),
    "paren_han": re.compile(rf"(?P<label>[（(](?P<n>[{HAN_NUMERAL}]{{1,4}})[）)])[、.]?\s*(?=\S)"),
    "digit": re.compile(r"(?P<label>(?P<n>\d{1,3}))(?:[.．](?!\d)|[.．](?=\d{4}年)|、)\s*(?=\S)"),
    "paren_digit": re.compile(r"(?P<label>[（(](?P<n>\d{1,2})[）)])[、.]?(?=\S)"),
    "digit_paren": re.compile(r"(?P<label>(?P<n>\d{1,2})[）)])(?=\S)"),
    "circle": re.compile(r"(?P<label>(?P<n>[①-⑳]))(?=\S)"),
}
ORDER = list(STYLES)


@dataclass(frozen=True)
class Marker:
    """A mark at the beginning of a paragraph."""

    style: str
    number: int
    label: str
    length: int

    @property
    def rank(self) -> int:
        """How deep official documents use the style; 0 is outermost."""
        return ORDER.index(self.style)


def number_of(numeral: str) -> int | None:
    """The value of a numeral in a mark; None where it is none."""
    if numeral.isdecimal():
        return int(numeral)
    if "①" <= numeral <= "⑳":
        return ord(numeral) - ord("①") + 1
    try:
        return chinese_number(numeral)
    except ValueError:
        return None


def marker_of(text: str) -> Marker | None:
    """The mark that a paragraph begins with."""
    for style, pattern in STYLES.items():
        if match := pattern.match(text):
            number = number_of(match["n"])
            if number:
                return Marker(style, number, match["label"], match.end())
    return None
