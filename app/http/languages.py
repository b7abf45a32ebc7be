"""Responses in Traditional Chinese, for clients that prefer it.

The script of the notice is authoritative (`zh-Hans`).  OpenCC converts the complete response to
`zh-Hant`, character for character, and `Content-Language` states the script.  Ids, spans and hashes
always refer to the authoritative text, and original text (`raw`) is not converted.
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
LONGEST_LANG = 3 * len("zh-Hans")  # with each character percent-encoded
RAW = re.compile(r'("raw":"(?:[^"\\]|\\.)*")')


def language_of(scope: Scope) -> Script:
    """The language of data: `?lang=`, else what `Accept-Language` prefers of the two scripts."""
    return _lang_parameter(scope) or Script(
        preferred(_accept_language(scope), CHINESE, Script.HANS)
    )


def language_of_problem(scope: Scope) -> str:
    """The language of a problem document: either script, or English."""
    tags = {**CHINESE, ENGLISH: ENGLISH}
    return _lang_parameter(scope) or preferred(_accept_language(scope), tags, Script.HANS)


def _accept_language(scope: Scope) -> str:
    """The header, which may be sent as several lines (RFC 9110, section 5.3)."""
    return ",".join(Headers(scope=scope).getlist("accept-language"))


def _lang_parameter(scope: Scope) -> Script | None:
    """The script in `?lang=`; None if it is missing, repeated or unknown."""
    if b"lang=" not in scope["query_string"]:
        return None
    values = LANG.findall(scope["query_string"].decode("ascii", "replace"))
    if len(values) != 1 or len(values[0]) > LONGEST_LANG:
        return None
    value = unquote(values[0])
    return next((script for script in Script if script == value), None)


def in_script(text: str, language: str) -> str:
    """Text of a notice, or JSON that contains some, in a script; the length does not change."""
    if language != Script.HANT:
        return text
    convert = converter("s2t").convert
    parts = RAW.split(text)
    return "".join(part if i % 2 else convert(part) for i, part in enumerate(parts))
