"""`seed answer` and `seed approve`: a person accepts proposals; another one checks the plan."""

import argparse
import re
from dataclasses import replace

from app.clock import day_in_china, utc_now
from seed.accepting import accept
from seed.checking import write_check
from seed.commands.arguments import DONE, of_each, parser_of, sources_of
from seed.commands.finishing import finish
from seed.notice_files import differing_files
from seed.plan_reading import ReadFolder, read_plan
from seed.questions.decided import Value, person, value_of
from seed.questions.identity import assignments
from seed.questions.proposals import BODIES, NOBODY, is_one_by_one
from seed.questions.sheet import Asked, one_line
from seed.questions.supplied import FORM
from seed.refusals import NoticeRefusedError, excerpt
from seed.safe_files import locked
from seed.sources import Source, find_plan


def answer_command(words: list[str]) -> int:
    """Accept the proposal of a question, or another value for it; the status is that of `read`."""
    parser = parser_of("answer", "accept proposals, or give other values")
    parser.add_argument("plan", help="the plan's id")
    parser.add_argument("number", nargs="?", type=int, help="the question's number in seed read")
    parser.add_argument(
        "--all", action="store_true", help="all proposals but those that could hide a commitment"
    )
    parser.add_argument(
        "--text",
        help=f"in place of the proposal: a role, a unit, a body's id or name, a reason, “{FORM}”",
    )
    parser.add_argument("--by", required=True, metavar="NAME", help="who decides it")
    given = parser.parse_intermixed_args(words)
    if (given.number is None) is not given.all or (given.all and given.text):
        parser.error("a NUMBER, or --all without --text")

    def answer(plan: str) -> int:
        source, folder = find_plan(plan, sources_of(given))
        with locked(source.folder):
            source.refresh()
            reading = read_plan(folder, source)
            return _accept(reading, source, given)

    return of_each([given.plan], answer)


def _accept(reading: ReadFolder, source: Source, given: argparse.Namespace) -> int:
    by, today = person(given.by, "--by"), day_in_china(utc_now())
    listed = reading.sheet.asked
    chosen = [one for one in listed if given.all or one.number == given.number]
    if not chosen:
        raise NoticeRefusedError(
            None, f"no question {given.number or ''}".rstrip(),
            f"a number that `seed read {reading.plan}` lists",
        )  # fmt: skip
    still_open = {one.question for one in reading.asked()}
    if given.all:
        alone = [
            one.number for one in chosen if is_one_by_one(one.kind, one.proposal, one.expected)
        ]
        chosen = [one for one in chosen if one.number not in alone and one.question in still_open]
        if alone:
            numbers = ", ".join(map(str, alone))
            print(f"to be accepted one by one, as they could hide a commitment: {numbers}")
    decided = [one.decided(by, today, _value(one, reading, given.text)) for one in chosen]
    reading = replace(
        reading, sheet=replace(reading.sheet, read_by=reading.sheet.read_by or by, read_on=today)
    )
    if decided:
        reading = accept(decided, reading, source)
    for one in decided:
        shown = one.value if isinstance(one.value, str) else one_line(one.value)
        print(f"accepted, {one.kind}: {excerpt(one.words)} → {shown}")
    return finish(reading, source, reading.asked())


def _value(asked: Asked, reading: ReadFolder, text: str | None) -> Value | None:
    """What was given in place of the proposal; a body by its id or its name."""
    if text is None:
        return None
    value = value_of(text, "--text")
    if asked.kind not in BODIES or not isinstance(value, str):
        return value
    bodies = reading.bodies
    found = bodies.find(value)
    known = {one.id for one in bodies.known.bodies}
    means = found.id if found else value
    if means != NOBODY and means not in known:
        raise NoticeRefusedError(
            None, f"--text {value}", f"the id or a name of a registered body, or {NOBODY}"
        )
    unknown = {one.name for one in assignments(reading.reading) if one.agency is None}
    words = re.sub(r" \(and \d+ more\)$", "", asked.words)
    names = [words] if words in unknown else words.split("、")
    if len(names) > 1 and means != NOBODY:
        raise NoticeRefusedError(
            None, f"one meaning for {len(names)} names", "a meaning for each, in questions.yaml"
        )
    return [{"name": name, "means": means} for name in names]


def approve_command(words: list[str]) -> int:
    """Record that another person than the reader checked plans."""
    parser = parser_of("approve", "record that another person than the reader checked a plan")
    parser.add_argument("plan", nargs="+", help="plan ids")
    parser.add_argument("--by", required=True, metavar="NAME", help="who checked it")
    given = parser.parse_args(words)
    places = sources_of(given)

    def approve(plan: str) -> int:
        source, folder = find_plan(plan, places)
        with locked(source.folder):
            source.refresh()
            reading = read_plan(folder, source)
            by = person(given.by, "--by")
            _refuse_reader(reading, by)
            notice = reading.notice(source)
            if differing := differing_files(folder, notice):
                raise NoticeRefusedError(
                    None, f"{', '.join(differing)} not as it is read now", f"seed read {plan} first"
                )
            write_check(folder, by, day_in_china(utc_now()), notice)
            print(f"{plan}: checked by {by}")
            return DONE

    return of_each(given.plan, approve)


def _refuse_reader(reading: ReadFolder, by: str) -> None:
    if not reading.readers:
        raise NoticeRefusedError(
            None, f"nobody has read {reading.plan}", f"seed read {reading.plan} --by NAME first"
        )
    if reading.has_read(by):
        raise NoticeRefusedError(
            None, f"{by} has read {reading.plan}", "another person: reading and checking are two"
        )
