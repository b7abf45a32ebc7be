"""Systems that a notice names and nobody has registered, as lines for `registry/platforms.yaml`.

`python -m tools.systems FILE --jurisdiction CODE` prints them; a person keeps what is one.
"""

import argparse
import sys
from pathlib import Path

from pypinyin import lazy_pinyin

from seed.reader.bodies import Bodies, known_from
from seed.reader.files import read_file
from seed.reader.systems import proposed_systems
from seed.refusals import NoticeRefusedError
from seed.registry import read_registry


def main(arguments: list[str]) -> int:
    """Print one line for each name, with what the notice does with it."""
    parser = argparse.ArgumentParser(prog="python -m tools.systems", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--jurisdiction", required=True)
    given = parser.parse_args(arguments)
    registry = read_registry()
    text = read_file(given.file, Bodies(known_from(registry), given.jurisdiction)).text.text
    printed: set[str] = set()
    for one in proposed_systems(text, [*registry.platform_names]):
        if one.name not in printed:
            printed.add(one.name)
            slug = "-".join(lazy_pinyin("".join(c for c in one.name if c.isalnum())))
            print(
                f"- {{id: {slug}, name: {one.name}, kind: {one.kind}, aliases: []}}  # {one.mode}"
            )
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except NoticeRefusedError as refused:
        sys.exit(str(refused))
