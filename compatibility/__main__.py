"""`python -m compatibility`: refuse a contract that breaks clients of the released one.

0: nothing breaks, or it is allowed by name or by the version; 1: something else breaks, or a break
is allowed that is none; 2: a file cannot be read.
"""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from compatibility.allowed import read_allowed
from compatibility.comparing import breakages, may_break
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
    if found and may_break(released, proposed):
        print(f"{len(found)} breaking, and the new version says so.")
        return 0
    names = {breakage.name for breakage in found}
    refused = [breakage for breakage in found if breakage.name not in allowed]
    unused = [name for name in allowed if name not in names]
    for breakage in refused:
        print(f"{breakage}\n  name:    {breakage.name}\n")
    for name in unused:
        print(f"{given.allowed} allows what does not break; take it out:\n  {name}\n")
    if not found:
        print("Compatible: clients of the released contract go on working.")
    elif not refused:
        print(f"{len(found)} breaking, each allowed by name.")
    else:
        print(
            f"{len(refused)} breaking. Change them as said above, or raise {_next(released)}; "
            f"what the next release breaks on purpose is named in {given.allowed.name}."
        )
    return 1 if refused or unused else 0


def _next(released: Document) -> str:
    major, minor = released.version
    if major:
        return f"the major version, to {major + 1}.0.0, with paths of their own (/v2)"
    return f"the minor version, to 0.{minor + 1}.0, which before 1.0.0 may break"


if __name__ == "__main__":
    sys.exit(main())
