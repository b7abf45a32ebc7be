"""`python -m seed COMMAND`: from a notice as received to the database.

  intake FILE --plan ID --jurisdiction CODE   take in a file
  read [PLAN…]      read, list open questions, write what was read
  review PLAN…      one HTML file: the text and its reading side by side
  answer PLAN …     accept proposals of open questions
  approve PLAN…     record that another person than the reader checked a plan
  status            every plan, and how far it is
  load [PLAN…]      store everything that is finished
  check [PLAN…]     fail where files of the repository are not what reading gives
  synthesize        a corpus for measuring, into an empty database

`python -m seed COMMAND --help` lists the options of a command.
"""

import os
import sys
from pkgutil import resolve_name

from seed.refusals import NoticeRefusedError

# Imported when they run: together they take a second.
COMMANDS = {
    "intake": "seed.commands.intake:intake_command",
    "read": "seed.commands.reading:read_command",
    "review": "seed.commands.reading:review_command",
    "answer": "seed.commands.deciding:answer_command",
    "approve": "seed.commands.deciding:approve_command",
    "status": "seed.commands.statuses:status_command",
    "load": "seed.commands.loading:load_command",
    "check": "seed.commands.reading:check_command",
    "synthesize": "seed.commands.loading:synthesize_command",
}


def main(arguments: list[str] | None = None) -> int:
    """Run one command.

    0 when it did what it says, 1 when something was refused, 3 when something is open or left out.
    """
    words = sys.argv[1:] if arguments is None else arguments
    try:
        status = _run(words)
        sys.stdout.flush()
        return status
    except NoticeRefusedError as refused:
        print(refused, file=sys.stderr)
    except BrokenPipeError:
        # Python would fail once more when it flushes at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        print("the output was closed before the end; run the command again", file=sys.stderr)
    except _failures() as error:
        print(_reason(error), file=sys.stderr)
    return 1


def _reason(error: Exception) -> str:
    from pydantic import ValidationError

    from app.settings import Settings, mistakes

    if isinstance(error, ValidationError) and error.title == Settings.__name__:
        return "\n".join(mistakes(error))
    return f"nothing was stored: {str(error).splitlines()[0]}"


def _failures() -> tuple[type[Exception], ...]:
    from sqlalchemy.exc import SQLAlchemyError

    return SQLAlchemyError, ValueError, OSError


def _run(words: list[str]) -> int:
    if words and words[0] in COMMANDS:
        status: int = resolve_name(COMMANDS[words[0]])(words[1:])
        return status
    asked = words[:1] in (["-h"], ["--help"])
    print(__doc__, file=sys.stdout if asked else sys.stderr)
    return 0 if asked else 2


if __name__ == "__main__":
    sys.exit(main())
