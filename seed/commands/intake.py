"""`seed intake`: a file among the operator's notices."""

from app.settings import Settings
from seed.intake.command import intake
from seed.notice_files import NOTICES


def intake_command(words: list[str]) -> int:
    """Take in a file, whose plan's id no plan of the repository has."""
    return intake(words, Settings().notices, (NOTICES,))
