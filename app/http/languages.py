"""Answers in Traditional Chinese, for those who prefer it.

The notice's own script is authoritative (`zh-Hans`); `zh-Hant` is made of the finished answer by
OpenCC, character for character, and says so by `Content-Language`.  Ids, spans and hashes go on
meaning the authoritative text, and what was received (`raw`) stays as it came.
"""

import re
from urllib.parse import unquote

from starlette.datastructures import Headers
from starlette.types import Scope

from app.chinese.scripts import converter
from app.enums import Script
from app.http.negotiation import preferred

ENGLISH = "en"
# By lookup (RFC 4647, section 3.4): zh-Hant-HK finds zh-Hant, zh-CN and zh-SG find zh.
CHINESE = {
    "zh": Script.HANS,
    "zh-hans": Script.HANS,
    "zh-hant": Script.HANT,
    "zh-hk": Script.HANT,
    "zh-mo": Script.HANT,
    "zh-tw": Script.HANT,
}
LANG = re.compile(r"(?:^|&)lang=([^&]+)")
LONGEST_LANG = 3 * len("zh-Hans")  # with each of its characters percent-encoded
AS_RECEIVED = re.compile(r'("raw":"(?:[^"\\]|\\.)*")')


def language_of(scope: Scope) -> Script:
    """The language of data: `?lang=`, else what `Accept-Language` prefers of the two scripts."""
    return _asked_for(scope) or Script(preferred(_accept_language(scope), CHINESE, Script.HANS))


def language_of_problem(scope: Scope) -> str:
    """The language of a problem document, which may be English, too."""
    tags = {**CHINESE, ENGLISH: ENGLISH}
    return _asked_for(scope) or preferred(_accept_language(scope), tags, Script.HANS)


def _accept_language(scope: Scope) -> str:
    """The header, which may come in several lines (RFC 9110, section 5.3)."""
    return ",".join(Headers(scope=scope).getlist("accept-language"))


def _asked_for(scope: Scope) -> Script | None:
    """What `?lang=` says, where it says something that there is."""
    if b"lang=" not in scope["query_string"]:
        return None
    values = LANG.findall(scope["query_string"].decode("ascii", "replace"))
    if len(values) != 1 or len(values[0]) > LONGEST_LANG:
        return None
    value = unquote(values[0])
    return next((script for script in Script if script == value), None)


def in_script(text: str, language: str) -> str:
    """Text of the notice, or JSON that holds some, in a script; as many characters as before."""
    if language != Script.HANT:
        return text
    convert = converter("s2t").convert
    parts = AS_RECEIVED.split(text)
    return "".join(part if i % 2 else convert(part) for i, part in enumerate(parts))
