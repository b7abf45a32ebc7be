"""A damaged copy of a notice, made whole: `restore(raw)`.

Four repairs undo one mechanism: pinyin in brackets and commas were put into the bytes of the text,
some of them inside characters, and full-width punctuation was folded to ASCII.
Then Traditional becomes Simplified.
Text in, text out: restoring twice changes nothing, a clean copy stays as it is, and whatever goes
is in the corrections.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from app.enums import Certainty, CorrectionKind
from seed.corrections import Correction
from seed.refusals import NoticeRefusedError, excerpt
from seed.shifted_runs import (
    PINYIN_LETTERS,
    UNFOLDED,
    Decision,
    ShiftedRun,
    find_run,
    read_again,
    readings,
)
from seed.simplify import received_script, simplify_corrections, to_simplified

HAN = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
PINYIN = re.compile(rf"\([ \u3000]*([{PINYIN_LETTERS}]{{1,6}})[ \u3000]*\)")
TONELESS = re.compile("[a-zü]+")
MARKS = re.compile(r"[,，、。；：！;:!]+")
THOUSANDS = re.compile(r"(?<!\d)\d{1,3}(?:,\d{3})+(?![\d,])")
CLOCK_OR_URL = re.compile(r"(?<=\d):(?=\d\d)|:(?=//)")
DOCUMENT_NUMBER = re.compile(r"[\u4e00-\u9fff]{1,12}〔\d{4}〕\d{1,5}[号號]")
MOST_BYTES = 1_000_000
LONGEST_LINE = 10_000
LONGEST_HEADING = 12  # lines that a title may be broken over
SPACES = " \t\u3000\u00a0\ufeff"


@dataclass(frozen=True)
class Restored:
    """The restored text, what changed, and the script that was received (ISO 15924 style tag)."""

    text: str
    corrections: tuple[Correction, ...]
    received_script: str


@dataclass
class _Line:
    """A line that is being restored: the text so far and what was changed in it."""

    number: int
    text: str = ""
    corrections: list[Correction] = field(default_factory=list)

    def put(self, raw: str, text: str, kind: CorrectionKind, reason: str | None = None) -> None:
        """Add `text` for what was received as `raw`; nothing stays without the one before it."""
        if text:
            start = len(self.text)
        else:
            start, raw, text = len(self.text) - 1, self.text[-1] + raw, self.text[-1]
            self.text = self.text[:-1]
        self.text += text
        self.note(kind, raw, text, start, Certainty.CERTAIN, reason)

    def note(
        self,
        kind: CorrectionKind,
        raw: str,
        text: str,
        start: int,
        certainty: Certainty,
        reason: str | None = None,
    ) -> None:
        """Record a change of what already stands in the text."""
        self.corrections.append(
            Correction(kind, raw, text, start, start + len(text), certainty, reason)
        )


def restore(raw: str, decisions: Sequence[Decision] = ()) -> Restored:
    """Undo the damage to a copy of a notice.

    Raises NoticeRefusedError with the line where neither bytes nor a decision say what stood there.
    """
    decided = [*decisions, *(replace(d, passage=to_simplified(d.passage)) for d in decisions)]
    lines = [_restore_line(line, raw, decided) for line in _paragraphs(raw)]
    text, corrections = _join(_join_title(lines))
    if text and raw.endswith("\n"):
        text += "\n"
    script = received_script(text)
    if script == "zh-Hant":
        simplified = to_simplified(text)
        corrections = sorted(simplify_corrections(text, simplified, corrections), key=_place)
        text = simplified
    return Restored(text, tuple(corrections), script)


def decode(raw: bytes) -> str:
    """The text of a file as received, which must be UTF-8.

    Raises NoticeRefusedError for other encodings, HTML, control characters and characters that a
    decoder gave up on.
    """
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise NoticeRefusedError(
            raw.count(b"\n", 0, error.start) + 1,
            f"byte 0x{raw[error.start]:02X} is not UTF-8 (a file in GBK or GB 18030, perhaps)",
            "a text file in UTF-8",
        ) from None
    if not text.strip():
        raise NoticeRefusedError(None, "the file is empty", "the text of a notice")
    if len(raw) > MOST_BYTES:
        raise NoticeRefusedError(None, f"{len(raw)} bytes", f"at most {MOST_BYTES}")
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > LONGEST_LINE:
            raise NoticeRefusedError(
                number, f"{len(line)} characters", f"at most {LONGEST_LINE} in a paragraph"
            )
        if re.search(
            r"<(?:!doctype|html|head|body|div|span|a|p|br|td|tr|script|table)\b",
            line,
            re.IGNORECASE,
        ):
            raise NoticeRefusedError(
                number, f"HTML ({excerpt(line)})", "the text of a notice alone"
            )
        if odd := re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffd\ue000-\uf8ff]", line):
            raise NoticeRefusedError(
                number, f"the character U+{ord(odd[0]):04X}", "text that a reader can see"
            )
    return text


def _paragraphs(raw: str) -> Iterator[_Line]:
    """The lines of a copy that hold text, without what stands around them."""
    skipped = ""
    for number, line in enumerate(raw.replace("\r\n", "\n").split("\n"), 1):
        bare = line.strip(SPACES + "\r")
        if bare:
            found = _Line(number, bare)
            if skipped or bare != line:
                found.note(
                    CorrectionKind.SPACE,
                    f"{skipped}{line}"[: len(skipped) + len(line) - len(bare) + 1],
                    bare[0],
                    0,
                    Certainty.CERTAIN,
                )
            yield found
            skipped = ""
        else:
            skipped += f"{line}\n"


def _restore_line(line: _Line, raw: str, decisions: Sequence[Decision]) -> _Line:
    """Take out, unfold and read again, from left to right."""
    received = line.text
    result = _Line(line.number, corrections=line.corrections)
    ascii_content = _ascii_that_is_content(received)
    position = 0
    while position < len(received):
        character = received[position]
        if character == "?":
            run = find_run(received, position)
            position += len(run.raw)
            _put_run(result, run, received[position:], raw, decisions)
        elif inserted := _pinyin_at(received, position, result):
            result.put(inserted, "", CorrectionKind.PINYIN)
            position += len(inserted)
        elif position in ascii_content:
            result.text += character
            position += 1
        elif (cluster := MARKS.match(received, position)) and not cluster[0].isalnum():
            position = _put_marks(result, cluster[0], received, cluster.end())
        elif character in UNFOLDED:
            result.put(character, UNFOLDED[character], CorrectionKind.FOLDED)
            position += 1
        else:
            result.text += character
            position += 1
    return result


def _ascii_that_is_content(line: str) -> set[int]:
    """Positions of ASCII marks that belong to a number, a time or an address."""
    thousands = (
        match.start() + offset
        for match in THOUSANDS.finditer(line)
        for offset, character in enumerate(match[0])
        if character == ","
    )
    return {*thousands, *(match.start() for match in CLOCK_OR_URL.finditer(line))}


def _pinyin_at(received: str, position: int, line: _Line) -> str | None:
    """The pinyin in brackets at a position, where it is a reading of the character before it."""
    match = PINYIN.match(received, position)
    before = line.text[-1:]
    if not match or not re.match(f"[{HAN}]", before):
        return None
    known = readings(before) | readings(to_simplified(before))  # 績 jī is 绩 jì
    if match[1] in known:
        return match[0]
    if TONELESS.fullmatch(match[1]):
        return None  # a word in brackets, as an abbreviation may be
    raise NoticeRefusedError(
        line.number,
        f"{before}{match[0]}",
        f"one of the readings of {before}: {', '.join(sorted(known))}",
    )


def _put_marks(line: _Line, marks: str, received: str, end: int) -> int:
    """One mark stays of a cluster, and full-width; a comma beside another mark was inserted.

    `end` is where the cluster ends; gives where to read on.
    """
    following = received[end : end + 1]
    if not any(mark in UNFOLDED for mark in marks):
        line.text += marks
        return end
    others = marks.replace(",", "")
    before = line.text[-1:]
    if others:
        for mark in others:
            full = UNFOLDED.get(mark, mark)
            commas = marks if mark == others[0] else mark
            if "," in commas:
                line.put(commas, full, CorrectionKind.COMMA)
            elif full != mark:
                line.put(mark, full, CorrectionKind.FOLDED)
            else:
                line.text += mark
    elif not before:
        rest = received[end:]
        first = rest.lstrip(SPACES)
        end += len(rest) - len(first)
        marks += rest[: len(rest) - len(first)]
        line.note(CorrectionKind.COMMA, marks + first[:1], first[:1], 0, Certainty.CERTAIN)
    elif _no_comma_between(before, following):
        line.put(marks, "", CorrectionKind.COMMA)
    elif len(marks) == 1:
        line.put(marks, "，", CorrectionKind.FOLDED)
    else:
        line.put(marks, "，", CorrectionKind.COMMA)
    return end


def _no_comma_between(before: str, following: str) -> bool:
    """No comma follows an opening mark or comes before a closing one or a bracket."""
    return before in "（“‘《〔〕" or (following != "" and following in ")）”’》〕(（〔")


def _put_run(
    line: _Line, run: ShiftedRun, after: str, raw: str, decisions: Sequence[Decision]
) -> None:
    """Put what a shifted run says, and record what was in it."""
    doubled = {raw[match.start() - 1] for match in PINYIN.finditer(raw)}
    reading = read_again(run, line.text, after, decisions, doubled, set(raw))
    if reading is None:
        raise NoticeRefusedError(
            line.number,
            f"“{excerpt(line.text[-8:])}{run.raw}” was read one byte off, "
            "and its bytes do not say what stood there",
            "a decision in editorial.yaml under `lost`, with the passage it stands in and a reason",
        )
    text = reading.text if line.text else reading.text.lstrip(SPACES)
    proven = reading.proven[len(reading.text) - len(text) :]
    start = len(line.text)
    line.text += text
    line.note(CorrectionKind.SHIFTED_RUN, run.raw, text, start, Certainty.CERTAIN)
    for place, mark in enumerate(run.swallowed):
        at = start if place == 0 else len(line.text) - 1
        kind = CorrectionKind.COMMA if mark is None else CorrectionKind.PINYIN
        received = "?" if mark is None else f"?{mark})"
        line.note(kind, received, line.text[at], at, Certainty.CERTAIN)
    for first, last in _unproven(proven):
        line.note(
            CorrectionKind.LOST_CHARACTER,
            run.raw,
            text[first:last],
            start + first,
            Certainty.CONTEXT,
            reading.decision.reason if reading.decision else None,
        )


def _unproven(proven: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """Stretches of characters that bytes do not prove: start, end exclusive."""
    start = None
    for position, is_proven in enumerate([*proven, True]):
        if is_proven and start is not None:
            yield start, position
            start = None
        elif not is_proven and start is None:
            start = position


def _join_title(lines: list[_Line]) -> list[_Line]:
    """One line for the title, which ends where the document number stands."""
    heading = lines[:LONGEST_HEADING]
    index = next((i for i, e in enumerate(heading) if DOCUMENT_NUMBER.fullmatch(e.text)), 0)
    if index < 2:
        return lines
    title = lines[0]
    for following in lines[1:index]:
        seam = len(title.text)
        before, after = title.text[-1], following.text[0]
        title.corrections += [c.moved(seam) for c in following.corrections]
        title.text += following.text
        title.note(
            CorrectionKind.LINE_BREAK,
            f"{before}\n{after}",
            f"{before}{after}",
            seam - 1,
            Certainty.CONTEXT,
            "The lines before the document number are one title.",
        )
    return [title, *lines[index:]]


def _join(lines: list[_Line]) -> tuple[str, list[Correction]]:
    """One paragraph a line, and the corrections at their places in the whole."""
    corrections: list[Correction] = []
    offset = 0
    for line in lines:
        corrections += sorted((c.moved(offset) for c in line.corrections), key=_place)
        offset += len(line.text) + 1
    return "\n".join(line.text for line in lines), corrections


def _place(correction: Correction) -> tuple[int, int]:
    return correction.start, -correction.end
