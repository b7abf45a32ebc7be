"""What intake makes of the examples' files; `python -m tests.support.examples` writes it anew."""

from collections.abc import Iterator
from pathlib import Path

from seed.intake.bounded import extract_bounded
from seed.intake.storing import Source, files_of
from seed.sources import EXAMPLES

WRITTEN = ("source.yaml", "paragraphs.yaml")


def files_of_examples() -> Iterator[tuple[Path, bytes]]:
    """Every file beside an example that intake would write, and its content."""
    for raw in sorted(EXAMPLES.glob("*/raw.*")):
        data = raw.read_bytes()
        extraction = extract_bounded(data, raw.name)
        made = files_of("", Source(raw.name, data), extraction)
        for name in WRITTEN:
            yield raw.parent / name, made[name]


if __name__ == "__main__":
    for path, content in files_of_examples():
        path.write_bytes(content)
