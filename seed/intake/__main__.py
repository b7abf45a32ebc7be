"""`python -m seed.intake NAME [FIRST LAST] <FILE`: what a file says, as JSON, within limits.

Files come from anywhere.  One that is made to use all memory or time ends this process alone.
"""

import json
import sys
from typing import Any

from seed.intake.bounded import limit_this_process
from seed.intake.formats import extract
from seed.intake.stored import as_data
from seed.refusals import NoticeRefusedError


def main(arguments: list[str]) -> int:
    """Write an extraction, or the refusal of the file."""
    limit_this_process()
    pages = (int(arguments[1]), int(arguments[2])) if len(arguments) > 1 else None
    try:
        outcome: dict[str, Any] = {
            "extraction": as_data(extract(sys.stdin.buffer.read(), arguments[0], pages))
        }
    except NoticeRefusedError as refused:
        outcome = {"refused": [refused.line, refused.found, refused.expected]}
    except MemoryError:
        outcome = {"refused": [None, "a file that needs too much memory", "a smaller one"]}
    except Exception as error:  # noqa: BLE001 (a fault here must not look like a limit)
        found = f"a file that intake cannot read ({type(error).__name__}: {error})"[:300]
        outcome = {"refused": [None, found, "the same file, saved anew in another format"]}
    sys.stdout.write(json.dumps(outcome))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
