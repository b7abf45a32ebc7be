"""A plan's folder → its reading, with what was decided about it, and the notice that is loaded."""

from dataclasses import dataclass, replace
from pathlib import Path

from seed.editorial import Editorial, read_editorial
from seed.intake.blocks import Extraction
from seed.notice_files import ReadNotice
from seed.plan_ids import plan_id
from seed.questions.applying import apply_decisions
from seed.questions.decided import Decided, plain_name
from seed.questions.identity import identify
from seed.questions.proposals import proposal_for
from seed.questions.sheet import Asked, Sheet, read_sheet
from seed.reader.as_plan import as_plan
from seed.reader.bodies import Bodies
from seed.reader.files import reading_of, stored
from seed.reader.reading import Reading
from seed.received import Received, received
from seed.refusals import NoticeRefusedError
from seed.restore import Restored
from seed.review.places import places_of, visible
from seed.simplify import received_script
from seed.source_pages import source_pages
from seed.sources import Source


@dataclass(frozen=True)
class ReadFolder:
    """A plan as it is read now."""

    plan: str
    folder: Path
    editorial: Editorial
    extraction: Extraction
    reading: Reading
    restored: Restored
    received: Received
    sheet: Sheet
    applied: tuple[Decided, ...]
    bodies: Bodies

    @property
    def is_finished(self) -> bool:
        """Whether no question is open."""
        return not self.reading.questions

    @property
    def readers(self) -> set[str]:
        """Everybody who had a part in the reading."""
        return self.sheet.people | ({self.editorial.read_by} if self.editorial.read_by else set())

    def has_read(self, person: str) -> bool:
        """Whether a person had a part in the reading, however the name is spaced."""
        return plain_name(person) in {plain_name(one) for one in self.readers}

    @property
    def signs_acknowledged(self) -> int:
        """How many signs of a wrong reading a person acknowledged."""
        return sum(one.kind.startswith("sign_") for one in self.applied)

    @property
    def without_question(self) -> list[Decided]:
        """Decisions for words that have changed, or that a newer reader does not ask about."""
        ids = {one.question for one in self.applied}
        found = [one for one in self.sheet.decided.values() if one.question not in ids]
        return [one for one in found if isinstance(one.value, str)]

    def notice(self, source: Source) -> ReadNotice:
        """The notice that is stored.  Raises NoticeRefusedError for open questions."""
        registry = source.registry.of_jurisdiction(self.editorial.jurisdiction)
        editorial = replace(
            self.editorial,
            read_by=self.sheet.read_by or self.editorial.read_by,
            read_on=self.sheet.read_on or self.editorial.read_on,
        )
        if editorial.checked_by and self.has_read(editorial.checked_by):
            raise NoticeRefusedError(
                None,
                f"editorial.yaml: checked_by {editorial.checked_by}, who has read {self.plan}",
                "another person: reading and checking are two",
            )
        plan = as_plan(self.reading, self.plan, registry, editorial, self.signs_acknowledged)
        file = self.received
        pages = source_pages(self.folder, self.extraction, self.restored.text)
        return ReadNotice(plan, self.restored, file.sha256, file.address, file.retrieved_on, pages)

    def numbers(self) -> list[int]:
        """The number of each open question; those that are listed already keep theirs."""
        listed = {one.question: one.number for one in self.sheet.asked}
        last = max(listed.values(), default=0)
        found = []
        for question in self.reading.questions:
            identity = identify(question, self.reading)
            if identity not in listed:
                listed[identity] = last = last + 1
            found.append(listed[identity])
        return found

    def asked(self) -> tuple[Asked, ...]:
        """The open questions as they are listed."""
        places = places_of(self.reading, self.extraction)
        found = []
        for number, question in zip(self.numbers(), self.reading.questions, strict=True):
            place = "the whole notice"
            if question.span:
                line = self.reading.text.line_of(question.span.start)
                place = f"paragraph {line}" + (f" ({places[line]})" if line in places else "")
            found.append(
                Asked(
                    number,
                    identify(question, self.reading),
                    question.kind,
                    place,
                    " ".join(visible(question, self.reading).split()),
                    question.expected,
                    proposal_for(question, self.reading, self.bodies),
                )
            )
        return tuple(sorted(found, key=lambda one: one.number))


def read_plan(folder: Path, source: Source, sheet: Sheet | None = None) -> ReadFolder:
    """Read a plan's folder, whose name is its id.

    Raises NoticeRefusedError with what is wrong and what was expected.
    """
    plan_id(folder.name)
    if folder.is_symlink():
        raise NoticeRefusedError(None, f"{folder.name} is a link", "a folder")
    editorial = read_editorial(folder / "editorial.yaml")
    sheet = read_sheet(folder) if sheet is None else sheet
    file = received(folder)
    extraction, restored = stored(folder, editorial)
    bodies = source.bodies(editorial.jurisdiction)
    reading = reading_of(extraction, bodies, editorial)
    applied = apply_decisions(reading, sheet.decided, bodies)
    if restored is None:
        text = reading.text.text
        restored = Restored(text, (), received_script(text))
    return ReadFolder(
        folder.name, folder, editorial, extraction, reading, restored, file, sheet,
        tuple(applied), bodies,
    )  # fmt: skip
