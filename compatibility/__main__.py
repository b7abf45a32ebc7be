"""`python -m compatibility`: refuse a contract that breaks clients of the released one.

0: nothing breaks; 1: something breaks, whatever the version, or a break is named as allowed; 2: a
file cannot be read.
"""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from compatibility.allowed import read_allowed
from compatibility.comparing import breakages
from compatibility.documents import Document, UnreadableError

RELEASED = Path(__file__).parent / "released.yaml"
PROPOSED = Path(__file__).parent.parent / "openapi.yaml"
ALLOWED = Path(__file__).parent / "allowed.yaml"


def main(arguments: list[str] | None = None) -> int:
    """Compare two files and say what breaks."""
    parser = argparse.ArgumentParser(prog="python -m compatibility", description=__doc__)
    parser.add_argument("--released", type=Path, default=RELEASED, metavar="FILE")
    parser.add_argument("--proposed", type=Path, default=PROPOSED, metavar="FILE")
    parser.add_argument("--allowed", type=Path, default=ALLOWED, metavar="FILE")
    given = parser.parse_args(arguments)
    try:
        released, proposed = Document.read(given.released), Document.read(given.proposed)
        found = breakages(released, proposed, datetime.now(UTC).date())
        allowed = read_allowed(given.allowed)
    except UnreadableError as error:
        print(error, file=sys.stderr)
        return 2
    for breakage in found:
        print(f"{breakage}\n  name:    {breakage.name}\n")
    for name in allowed:
        print(f"{given.allowed} names a break, and since 0.6.0 none is allowed:\n  {name}\n")
    if found:
        print(
            f"{len(found)} breaking. Change them as said above; what must go is announced first, in "
            "DEPRECATIONS, and removed after its sunset date."
        )
    else:
        print("Compatible: clients of the released contract go on working.")
    return 1 if found or allowed else 0


if __name__ == "__main__":
    sys.exit(main())
