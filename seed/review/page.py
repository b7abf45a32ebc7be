"""A reading → one HTML file that asks no other host for anything: `review_page(…)`.

It is written by hand and not by a template engine: one page, and every word of it escaped here.
"""

import base64
import hashlib
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

from seed.intake.blocks import Extraction
from seed.intake.stored import place_of
from seed.questions.supplied import FORM, TAKES_ONE
from seed.reader.reading import Question, Reading
from seed.review.marks import Stretch, in_paragraph, marks_of, stretches, unread
from seed.review.notes import notes_of
from seed.review.places import places_of, visible

FOLDER = Path(__file__).parent
LEGEND = (
    ("label", "编号 number"),
    ("clause", "分工 clause"),
    ("name", "单位 body"),
    ("target", "指标 target"),
    ("explained", "已解释 explained"),
    ("unread", "未读 unread"),
    ("asked", "问题 question"),
)


def review_page(
    plan: str, reading: Reading, extraction: Extraction, numbers: Sequence[int] | None = None
) -> str:
    """The page for the plan of this id; questions have the numbers that `seed read` lists."""
    numbers = range(1, len(reading.questions) + 1) if numbers is None else numbers
    style, script = ((FOLDER / f"page.{kind}").read_text("utf-8") for kind in ("css", "js"))
    policy = f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'"
    title = reading.frame.title or plan
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="zh-CN"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(f'{plan}: {title}')}</title>",
            f"<style>{style}</style></head><body>",
            *_head(plan, title, reading),
            "<main>",
            *_without_place(reading, numbers),
            *_rows(reading, extraction, numbers),
            "</main>",
            *_answers(plan, reading),
            *_foot(extraction),
            f"<script>{script}</script></body></html>\n",
        ]
    )


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _head(plan: str, title: str, reading: Reading) -> Iterator[str]:
    about = reading.frame
    facts = [about.document_number, about.issuer, about.issued_on, reading.jurisdiction]
    if about.period:
        facts.append(f"{about.period[0]} – {about.period[1]}")
    counts = (
        f"{len(reading.tasks)} tasks 任务, {sum(1 for _ in reading.targets())} targets 指标, "
        f"{len(reading.questions)} questions 问题, {len(unread(reading))} unread paragraphs 未读"
    )
    legend = "".join(f'<span class="{kind}">{words}</span> ' for kind, words in LEGEND)
    yield f"<header><h1>{escape(title)}</h1>"
    yield f"<p>{escape(plan)} · {escape(' · '.join(str(fact) for fact in facts if fact))}</p>"
    yield f'<p>{counts} · <span class="legend">{legend}</span></p>'
    yield (
        "<p><kbd>n</kbd> <kbd>p</kbd> 问题 questions · <kbd>u</kbd> <kbd>i</kbd> 未读 unread · "
        '<kbd>a</kbd> 答复 answer · <kbd>o</kbd> 只看待定 only what is open · <span id="status" role="status"></span></p></header>'
    )


def _without_place(reading: Reading, numbers: Sequence[int]) -> Iterator[str]:
    """The questions about the notice as a whole."""
    for number, question in zip(numbers, reading.questions, strict=True):
        if question.span is None:
            yield _question(number, question, reading)


def _rows(reading: Reading, extraction: Extraction, numbers: Sequence[int]) -> Iterator[str]:
    marks = marks_of(reading, numbers)
    notes = notes_of(reading)
    places = places_of(reading, extraction)
    open_paragraphs = {paragraph.number for paragraph in unread(reading)}
    numbered = list(zip(numbers, reading.questions, strict=True))
    for line in reading.text.paragraphs:
        if not line.text:
            continue
        asked = in_paragraph(numbered, line.span)
        is_unread = line.number in open_paragraphs
        kinds = ["row", *(["open"] if asked or is_unread else []), *(["has-unread"] * is_unread)]
        beside = "".join(
            f'<li class="{note.kind}">{escape(note.text)}</li>' for note in notes[line.number]
        )
        cards = "".join(_question(number, question, reading) for number, question in asked)
        text = "".join(_stretch(each) for each in stretches(reading.text.text, line.span, marks))
        yield (
            f'<section class="{" ".join(kinds)}" id="l{line.number}" tabindex="-1">'
            f'<div class="place">{line.number}<br>{escape(places.get(line.number, ""))}</div>'
            f'<p class="text">{text}</p>'
            f'<div><ul class="notes">{beside}</ul>{cards}</div></section>'
        )


def _stretch(stretch: Stretch) -> str:
    """Words in a span that says what they were read as; a question's words lead to it."""
    words = escape(stretch.text)
    if not stretch.marks:
        return words
    kinds = " ".join(dict.fromkeys(mark.kind for mark in stretch.marks))
    notes = escape("; ".join(dict.fromkeys(mark.note for mark in stretch.marks if mark.note)))
    span = f'<span class="{kinds}" title="{notes}">{words}</span>'
    question = next((mark.question for mark in stretch.marks if mark.question), None)
    return f'<a href="#q{question}">{span}</a>' if question else span


def _question(number: int, question: Question, reading: Reading) -> str:
    proposal = f"<pre>{escape(question.proposal)}</pre>" if question.proposal else ""
    supply = f' placeholder="{escape(FORM)}"' if question.kind in TAKES_ONE else ""
    return (
        f'<article class="question" id="q{number}" tabindex="-1">'
        f"<h2>{number}. {escape(question.kind)}: {escape(visible(question, reading))}</h2>"
        f"<div>应为 expected: {escape(question.expected)}</div>{proposal}"
        '<div class="answer"><label><input type="checkbox"> 接受 accept</label> '
        f'<label>或 or <input type="text"{supply}></label></div></article>'
    )


def _answers(plan: str, reading: Reading) -> Iterator[str]:
    """The commands that record what was answered on the page, which cannot write a file itself."""
    if reading.questions:
        yield f'<section id="answers" data-plan="{escape(plan)}">'
        yield '<label>姓名 your name <input type="text" id="by" autocomplete="name"></label>'
        yield "<label>在终端执行 to run in a terminal"
        yield '<textarea id="commands" rows="6" readonly></textarea></label></section>'


def _foot(extraction: Extraction) -> Iterator[str]:
    """What intake set aside, rule by rule."""
    if not extraction.set_aside:
        return
    yield "<footer><details><summary>未计入 set aside by intake</summary><ul>"
    for each in extraction.set_aside:
        place = place_of(each.origin)
        yield f"<li>{escape(each.rule)} <small>{escape(place)}</small>: {escape(each.text)}</li>"
    yield "</ul></details></footer>"
