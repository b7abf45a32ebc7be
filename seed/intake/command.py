"""`python -m seed intake FILE --plan ID --jurisdiction CODE`: take in a notice's file."""

import argparse
import re
import sys
from datetime import date
from pathlib import Path

from seed.intake.blocks import Extraction, IntakeQuestion, Paragraph, Table
from seed.intake.bounded import extract_bounded, images_bounded
from seed.intake.formats import MOST_BYTES
from seed.intake.stored import place_of
from seed.intake.storing import Source, is_address, store
from seed.plan_ids import plan_id
from seed.refusals import NoticeRefusedError
from seed.safe_files import read_received

JURISDICTION = re.compile(r"\d{6}")


def intake(arguments: list[str], notices: Path, others: tuple[Path, ...]) -> int:
    """Store a file and what it says among the operator's notices; 1 where it was refused."""
    given = _parser().parse_args(arguments)
    try:
        data = read_received(given.file, MOST_BYTES)
        extraction = extract_bounded(data, given.file.name, given.pages)
        images = images_bounded(data, extraction) if given.page_images else {}
        source = Source(given.file.name, data, given.pages, given.address, given.retrieved_on)
        folder = store(notices, others, given.plan, given.jurisdiction, source, extraction, images)
    except NoticeRefusedError as refused:
        print(f"{given.file.name}: {refused}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"nothing was stored: {error}", file=sys.stderr)
        return 1
    for line in _summary(extraction):
        print(line)
    if images:
        print(f"pictures of {len(images)} pages, which the service will publish")
    print(f"stored in {folder}; next: python -m seed read {given.plan} --by NAME")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m seed intake", description=__doc__)
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--plan", type=_plan, required=True, help="the plan's id, never changed")
    parser.add_argument(
        "--jurisdiction", type=_jurisdiction, required=True, help="GB/T 2260 code, nation 100000"
    )
    parser.add_argument("--pages", type=_pages, help="of a PDF that holds more, such as 3-9")
    parser.add_argument(
        "--page-images",
        action="store_true",
        help="publish a picture of each page of a PDF, too; allow it only where you may",
    )
    parser.add_argument("--address", type=_address, help="where the file was published")
    parser.add_argument("--retrieved-on", type=_day, help="the day it was got, as 2026-11-27")
    return parser


def _summary(extraction: Extraction) -> list[str]:
    """What was found, and every question and kind of text that was set aside."""
    paragraphs = sum(isinstance(block, Paragraph) for block in extraction.blocks)
    tables = [block for block in extraction.blocks if isinstance(block, Table)]
    encoding = f" ({extraction.encoding})" if extraction.encoding else ""
    rows = sum(len(table.rows) for table in tables)
    found = f"{paragraphs} paragraphs, {len(tables)} tables with {rows} rows"
    lines = [f"{extraction.format}{encoding}: {found}"]
    for rule in dict.fromkeys(each.rule for each in extraction.set_aside):
        texts = [each.text for each in extraction.set_aside if each.rule == rule]
        lines.append(f"set aside, {rule}: {len(texts)}, such as “{texts[0][:40]}”")
    lines += [_question(each, extraction) for each in extraction.questions]
    return lines


def _question(asked: IntakeQuestion, extraction: Extraction) -> str:
    """A question in a line: where, what stands there, what is expected, what is proposed."""
    found = asked.found
    if asked.block is not None and asked.start is not None:
        block = extraction.blocks[asked.block]
        assert isinstance(block, Paragraph)
        found = f"…{block.text[max(0, asked.start - 12) : asked.start + 12]}…"
    proposal = f"; proposed: “{asked.proposal}”" if asked.proposal else ""
    place = place_of(asked.origin)
    return f"question, {asked.kind}, {place}: {found}; expected {asked.expected}{proposal}"


def _plan(text: str) -> str:
    try:
        return plan_id(text)
    except NoticeRefusedError as refused:
        raise argparse.ArgumentTypeError(str(refused)) from None


def _jurisdiction(text: str) -> str:
    if not (JURISDICTION.fullmatch(text) and text.isascii()):
        raise argparse.ArgumentTypeError(f"{text!r} is no code of six digits such as 330000")
    return text


def _pages(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d{1,5})(?:-(\d{1,5}))?", text, re.ASCII)
    if not match:
        raise argparse.ArgumentTypeError(f"{text!r} are no pages such as 3-9")
    return int(match[1]), int(match[2] or match[1])


def _address(text: str) -> str:
    if not is_address(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no address such as https://…")
    return text


def _day(text: str) -> date:
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
            return date.fromisoformat(text)
    except ValueError:  # 2026-13-01
        pass
    raise argparse.ArgumentTypeError(f"{text!r} is no day such as 2026-11-27")
