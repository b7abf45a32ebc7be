"""One line of text as it should be read: `clean(line)`.

Full-width letters and digits, radicals that look like characters, and blanks that only an extractor
puts between Chinese and digits are typography; a private-use glyph is a question.
"""

import re
import unicodedata
from dataclasses import dataclass

from app.chinese.folding import radicals
from seed.intake.blocks import IntakeQuestion, Origin

HAN = "\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
MARKS = "，。、；：？！（）《》〈〉“”‘’〔〕【】「」『』—…·"
BLANKS = " \t\u00a0\u2000-\u200a\u202f\u205f\u3000"
INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
FULL_WIDTH = re.compile("[０-９Ａ-Ｚａ-ｚ％＋／＝]")
RADICAL = re.compile("[\u2e80-\u2fdf\uf900-\ufaff]")
FULL_POINT = re.compile(r"(?<=[0-9])．(?=[0-9])(?!\d{4}年)")  # 3．2022年 is number 3 and a year
FULL_HYPHEN = re.compile(r"(?<=[0-9A-Za-z])－(?=[0-9A-Za-z])")
SURROGATE = re.compile("[\ud800-\udfff]")
# With the character that stands for one which a font does not name.
PRIVATE_USE = re.compile("[\ue000-\uf8ff\ufffd\U000f0000-\U0010ffff]")
BULLET = re.compile(f"^[\uf000-\uf0ff][{BLANKS}]*")  # symbol fonts map their bullets there
GAP = re.compile(f"[{BLANKS}]+")
ONE_BLANK = frozenset(" \t\u00a0")
NEEDLESS_BLANK = re.compile(
    rf"(?<=[{HAN}{MARKS}]) (?=[0-9A-Za-z])|(?<=[0-9A-Za-z%+]) (?=[{HAN}{MARKS}])|(?<=[0-9]) (?=%)"
)
# A heading that was spread out with blanks: 示 例 省 文 件.
SPREAD = re.compile(rf"(?:[{HAN}][ \u3000]){{2,}}[{HAN}]")


@dataclass(frozen=True)
class Doubt:
    """A glyph that a reader may see and a program cannot: what stood there, and what stands now."""

    start: int
    end: int
    found: str
    proposal: str | None


@dataclass(frozen=True)
class CleanLine:
    """A line of text, without what surrounds it, and its doubts."""

    text: str
    doubts: tuple[Doubt, ...] = ()


def clean(line: str) -> CleanLine:
    """The line in the forms that the reader knows; cleaning twice changes nothing."""
    text = SURROGATE.sub("\ufffd", INVISIBLE.sub("", line))
    text = FULL_WIDTH.sub(lambda m: chr(ord(m[0]) - 0xFEE0), text)
    text = RADICAL.sub(_character_of, text)
    text = FULL_HYPHEN.sub("-", FULL_POINT.sub(".", text))
    # One blank is often an extractor's; a wider gap was meant, and stays one full-width blank.
    text = GAP.sub(lambda m: " " if m[0] in ONE_BLANK else "\u3000", text)
    text = BULLET.sub("", text.strip())
    text = NEEDLESS_BLANK.sub("", text)
    if SPREAD.fullmatch(text):
        text = GAP.sub("", text)
    if not PRIVATE_USE.search(text):
        return CleanLine(text)
    characters = list(text)
    doubts = []
    for match in PRIVATE_USE.finditer(text):
        start, end = match.span()
        proposal = None
        if text[start - 1 : start].isdigit() and text[end : end + 1].isdigit():
            characters[start] = proposal = "."
        doubts.append(Doubt(start, end, match[0], proposal))
    return CleanLine("".join(characters), tuple(doubts))


def _character_of(radical: re.Match[str]) -> str:
    return radicals().get(radical[0], unicodedata.normalize("NFKC", radical[0]))


def private_use_question(doubt: Doubt, origin: Origin) -> IntakeQuestion:
    """The question that a private-use glyph is."""
    expected = f"the character that the page shows for U+{ord(doubt.found):04X}"
    kind = "unknown_glyph" if doubt.found == "\ufffd" else "private_use_glyph"
    return IntakeQuestion(kind, doubt.found, expected, doubt.proposal, origin)
