"""Traditional to Simplified, character for character, so that every span stays where it is."""

import re
from dataclasses import replace

from app.chinese.scripts import converter
from app.enums import Certainty, CorrectionKind
from seed.corrections import Correction
from seed.refusals import NoticeRefusedError

# What OpenCC leaves in the Traditional form: 著 where Simplified writes 着.
SIMPLIFIED_EXCEPTIONS = {"著力": "着力", "著眼": "着眼", "著重": "着重", "著手": "着手"}


def to_simplified(text: str) -> str:
    """Traditional to Simplified, character for character (OpenCC t2s and our exceptions).

    Raises NoticeRefusedError where the conversion does not keep the number of characters, since every
    span counts on it.
    """
    converted: str = converter("t2s").convert(text)
    for wrong, right in SIMPLIFIED_EXCEPTIONS.items():
        converted = converted.replace(wrong, right)
    if len(converted) != len(text):
        raise NoticeRefusedError(
            None,
            f"OpenCC makes {len(converted)} characters of {len(text)}",
            "a conversion character for character",
        )
    return converted


def received_script(text: str) -> str:
    """`zh-Hant` where more characters are only Traditional than only Simplified."""
    simplified = converter("t2s").convert(text)
    traditional = converter("s2t").convert(text)
    only_traditional = sum(a != b for a, b in zip(text, simplified, strict=False))
    only_simplified = sum(a != b for a, b in zip(text, traditional, strict=False))
    return "zh-Hant" if only_traditional > only_simplified else "zh-Hans"


def simplify_corrections(
    text: str, simplified: str, corrections: list[Correction]
) -> list[Correction]:
    """The corrections with simplified texts, and one more wherever an exception applied."""
    converted = converter("t2s").convert(text)
    exceptions = [
        Correction(
            CorrectionKind.SCRIPT,
            text[match.start() : match.end()],
            right,
            match.start(),
            match.end(),
            Certainty.CONTEXT,
            f"OpenCC leaves {wrong}; Simplified Chinese writes {right}.",
        )
        for wrong, right in SIMPLIFIED_EXCEPTIONS.items()
        for match in re.finditer(wrong, converted)
    ]
    return [*(replace(c, text=simplified[c.start : c.end]) for c in corrections), *exceptions]
