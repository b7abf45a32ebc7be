"""What restoring changed: one record a change, each with its place in the restored text."""

from dataclasses import dataclass, replace

from app.enums import Certainty, CorrectionKind


@dataclass(frozen=True)
class Correction:
    """`text[start:end]` of the restored text is `text`; it was received as `raw`.

    Spans count Unicode code points, end exclusive.
    A correction that leaves nothing behind includes the character before or after it.
    """

    kind: CorrectionKind
    raw: str
    text: str
    start: int
    end: int
    certainty: Certainty
    reason: str | None = None

    def moved(self, by: int) -> "Correction":
        """The same correction, `by` code points further on."""
        return replace(self, start=self.start + by, end=self.end + by)
