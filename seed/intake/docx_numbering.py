"""Word's automatic numbers, which stand in no text: `Numbering.next_number(…)` writes them out."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from lxml import etree

from seed.intake.archives import attribute, child, local
from seed.numerals import chinese_numeral

STEMS, BRANCHES = "甲乙丙丁戊己庚辛壬癸", "子丑寅卯辰巳午未申酉戌亥"
ROMAN = dict(
    zip(
        (900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),
        ("cm", "d", "cd", "c", "xc", "l", "xl", "x", "ix", "v", "iv", "i"),
        strict=True,
    )
)
LEVELS = 9
LARGEST = 999


@dataclass(frozen=True)
class Level:
    """How a level counts and is written."""

    format: str = "decimal"
    text: str = ""
    start: int = 1
    restarts_after: int | None = None  # the level above which it begins again; None: any above
    is_legal: bool = False  # 1.1 even where the level above counts 一


@dataclass
class _List:
    """An abstract list: its levels, the count of each, and the styles bound to levels."""

    levels: dict[int, Level]
    counts: dict[int, int] = field(default_factory=dict)
    styles: dict[str, int] = field(default_factory=dict)


@dataclass
class _Number:
    """A list as paragraphs name it: the abstract one, and where it starts anew."""

    of: _List
    starts: dict[int, int] = field(default_factory=dict)
    levels: dict[int, Level] = field(default_factory=dict)


class Numbering:
    """The lists of a document and their counts."""

    def __init__(self, root: "etree._Element | None", styles: "etree._Element | None") -> None:
        abstract: dict[str, _List] = {}
        links: dict[str, str] = {}
        self.numbers: dict[str, _Number] = {}
        self.style_properties = _style_properties(styles)
        for element in root if root is not None else ():
            identity = attribute(element, "abstractNumId")
            if local(element) == "abstractNum" and identity is not None:
                abstract[identity] = _read_list(element)
                if linked := attribute(child(element, "numStyleLink"), "val"):
                    links[identity] = linked
        for element in root if root is not None else ():
            identity = attribute(element, "numId")
            of = attribute(child(element, "abstractNumId"), "val")
            if local(element) == "num" and identity and of in abstract:
                self.numbers[identity] = _read_number(element, abstract[of])
        for identity, style in links.items():
            named = self.style_properties.get(style, {}).get("numId")
            if named in self.numbers:
                abstract[identity].levels |= self.numbers[named].of.levels

    def of_paragraph(self, properties: "etree._Element | None") -> tuple[str, int] | None:
        """The list and level that a paragraph counts in, by itself or by its style."""
        style = attribute(child(properties, "pStyle"), "val")
        found = dict(self.style_properties.get(style or "", {}))
        numbering = child(properties, "numPr")
        for name in ("numId", "ilvl"):
            if (value := attribute(child(numbering, name), "val")) is not None:
                found[name] = value
        number = found.get("numId", "0")
        if number not in self.numbers:
            return None
        of = self.numbers[number].of
        level = found.get("ilvl", str(of.styles.get(style or "", 0)))
        return number, int(level) if level.isdecimal() and int(level) < LEVELS else 0

    def next_number(self, number: str, level: int) -> tuple[str, str | None]:
        """The number that Word shows, and the name of a format that is not known here."""
        counted = self.numbers[number]
        of = counted.of
        if level in counted.starts:
            of.counts[level] = counted.starts.pop(level) - 1
        shape = self._level(counted, level)
        of.counts[level] = of.counts.get(level, shape.start - 1) + 1
        for below in range(level + 1, LEVELS):
            after = self._level(counted, below).restarts_after
            if after is None or level < after:
                of.counts.pop(below, None)
        unknown: list[str] = []

        def written(match: re.Match[str]) -> str:
            place = int(match[1]) - 1
            at = self._level(counted, place)
            value = of.counts.get(place, at.start)
            form = "decimal" if shape.is_legal and at.format != "decimal" else at.format
            text = "" if form == "none" else numeral(value, form)
            if text is None:
                unknown.append(form)
            return str(value) if text is None else text

        if shape.format == "bullet":
            return "", None
        return re.sub(r"%([1-9])", written, shape.text), next(iter(unknown), None)

    @staticmethod
    def _level(number: _Number, level: int) -> Level:
        return number.levels.get(level) or number.of.levels.get(level) or Level()


def numeral(value: int, form: str) -> str | None:
    """A number in one of Word's formats; None where the format is not known here."""
    if not 0 < value <= LARGEST:
        return str(value)
    if form == "decimal":
        return str(value)
    if form in CHINESE:
        return chinese_numeral(value) if value < 100 else _hundreds(value)
    if form in SIMPLE:
        return SIMPLE[form](value)
    for name, first, last in ENCLOSED:
        if form == name:
            return (
                chr(ord(first) + value - 1) if value <= ord(last) - ord(first) + 1 else str(value)
            )
    return None


def _hundreds(value: int) -> str:
    hundreds, rest = divmod(value, 100)
    head = f"{chinese_numeral(hundreds)}百"
    if not rest:
        return head
    return (
        f"{head}零{chinese_numeral(rest)}"
        if rest < 10
        else (f"{head}{'一' if rest < 20 else ''}{chinese_numeral(rest)}")
    )


def _letters(value: int) -> str:
    return chr(ord("a") + (value - 1) % 26) * ((value - 1) // 26 + 1)


def _roman(value: int) -> str:
    text = ""
    for size, letters in ROMAN.items():
        times, value = divmod(value, size)
        text += letters * times
    return text


CHINESE = frozenset(
    {
        "chineseCounting",
        "chineseCountingThousand",
        "japaneseCounting",
        "taiwaneseCounting",
        "taiwaneseCountingThousand",
    }
)
SIMPLE: dict[str, Callable[[int], str]] = {
    "decimalZero": lambda value: f"{value:02d}",
    "decimalFullWidth": str,  # intake writes digits in half width
    "decimalFullWidth2": str,
    "decimalHalfWidth": str,
    "ideographDigital": lambda value: "".join("〇一二三四五六七八九"[int(d)] for d in str(value)),
    "lowerLetter": _letters,
    "upperLetter": lambda value: _letters(value).upper(),
    "lowerRoman": _roman,
    "upperRoman": lambda value: _roman(value).upper(),
    "ideographTraditional": lambda value: STEMS[(value - 1) % 10],
    "ideographZodiac": lambda value: BRANCHES[(value - 1) % 12],
}
ENCLOSED = (
    ("decimalEnclosedCircle", "①", "⑳"),
    ("decimalEnclosedCircleChinese", "①", "⑳"),
    ("decimalEnclosedParen", "⑴", "⒇"),
    ("decimalEnclosedFullstop", "⒈", "⒛"),
    ("ideographEnclosedCircle", "㊀", "㊉"),
)


def _read_list(element: "etree._Element") -> _List:
    found = _List({})
    for each in element:
        place = attribute(each, "ilvl")
        if local(each) == "lvl" and place is not None and place.isdecimal():
            found.levels[int(place)] = _read_level(each)
            if style := attribute(child(each, "pStyle"), "val"):
                found.styles[style] = int(place)
    return found


def _read_level(element: "etree._Element") -> Level:
    after = attribute(child(element, "lvlRestart"), "val")
    form = attribute(child(element, "numFmt"), "val")
    if form is None:  # newer Word wraps formats of its own in alternatives
        inner = element.find(".//{*}numFmt")
        form = attribute(inner, "format") or attribute(inner, "val") or "decimal"
    return Level(
        form,
        attribute(child(element, "lvlText"), "val") or "",
        _whole(attribute(child(element, "start"), "val"), 1),
        None if after is None else _whole(after, 0),
        child(element, "isLgl") is not None,
    )


def _read_number(element: "etree._Element", of: _List) -> _Number:
    found = _Number(of)
    for override in element:
        place = attribute(override, "ilvl")
        if local(override) != "lvlOverride" or place is None or not place.isdecimal():
            continue
        start = attribute(child(override, "startOverride"), "val")
        if start is not None:
            found.starts[int(place)] = _whole(start, 1)
        if (level := child(override, "lvl")) is not None:
            found.levels[int(place)] = _read_level(level)
    return found


def _style_properties(styles: "etree._Element | None") -> dict[str, dict[str, str]]:
    """The list and level of each paragraph style, with what it is based on."""
    own: dict[str, dict[str, str]] = {}
    based: dict[str, str] = {}
    for style in styles if styles is not None else ():
        identity = attribute(style, "styleId")
        if local(style) != "style" or identity is None:
            continue
        numbering = child(style, "pPr", "numPr")
        own[identity] = {
            name: value
            for name in ("numId", "ilvl")
            if (value := attribute(child(numbering, name), "val")) is not None
        }
        if parent := attribute(child(style, "basedOn"), "val"):
            based[identity] = parent
    found = {}
    for identity, properties in own.items():
        chain, seen = identity, {identity}
        while (chain := based.get(chain, "")) and chain not in seen:
            seen.add(chain)
            properties = own.get(chain, {}) | properties
        found[identity] = properties
    return found


def _whole(value: str | None, otherwise: int) -> int:
    return int(value) if value is not None and value.isdecimal() and len(value) < 6 else otherwise
