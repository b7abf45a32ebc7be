"""`python -m compatibility`: refuse a contract that breaks clients of the released one.

0: nothing breaks, or the version says so; 1: something breaks; 2: a file is no OpenAPI document.
"""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from compatibility.comparing import breakages, may_break
from compatibility.documents import Document, UnreadableError

RELEASED = Path(__file__).parent / "released.yaml"
PROPOSED = Path(__file__).parent.parent / "openapi.yaml"


def main(arguments: list[str] | None = None) -> int:
    """Compare two files and say what breaks."""
    parser = argparse.ArgumentParser(prog="python -m compatibility", description=__doc__)
    parser.add_argument("--released", type=Path, default=RELEASED, metavar="FILE")
    parser.add_argument("--proposed", type=Path, default=PROPOSED, metavar="FILE")
    given = parser.parse_args(arguments)
    try:
        released, proposed = Document.read(given.released), Document.read(given.proposed)
        found = breakages(released, proposed, datetime.now(UTC).date())
        allowed = may_break(released, proposed)
    except UnreadableError as error:
        print(error, file=sys.stderr)
        return 2
    for breakage in found:
        print(f"{breakage}\n")
    if not found:
        print("Compatible: clients of the released contract go on working.")
    elif allowed:
        print(f"{len(found)} breaking, and the new version says so.")
    else:
        print(f"{len(found)} breaking. Change them as said above, or raise {_next(released)}.")
    return 1 if found and not allowed else 0


def _next(released: Document) -> str:
    major, minor = released.version
    if major:
        return f"the major version, to {major + 1}.0.0, with paths of their own (/v2)"
    return f"the minor version, to 0.{minor + 1}.0, which before 1.0.0 may break"


if __name__ == "__main__":
    sys.exit(main())
