"""Reading a file of anybody's in a process of its own, which memory and time are measured out to."""

import base64
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from seed.intake.blocks import Extraction
from seed.intake.stored import from_data
from seed.refusals import NoticeRefusedError

MOST_SECONDS = 60
MOST_MEMORY = 2_000_000_000


def limit_this_process() -> None:
    """Set the limits that the kernel keeps; Windows has none, there only the clock counts."""
    if sys.platform == "win32":
        return
    import resource

    for kind, limit in ((resource.RLIMIT_AS, MOST_MEMORY), (resource.RLIMIT_CPU, MOST_SECONDS)):
        _, hardest = resource.getrlimit(kind)
        if hardest == resource.RLIM_INFINITY or limit <= hardest:
            resource.setrlimit(kind, (limit, hardest))


def extract_bounded(data: bytes, name: str, pages: tuple[int, int] | None = None) -> Extraction:
    """What a file of this name says.

    Raises NoticeRefusedError for what cannot be read, or not within the limits.
    """
    outcome = _run("seed.intake", data, name, *map(str, pages or ()))
    return from_data(outcome["extraction"])


def images_bounded(data: bytes, extraction: Extraction) -> dict[int, bytes]:
    """A picture of each page of a PDF that was read, as WebP.

    Raises NoticeRefusedError for another format, and for what cannot be drawn within the limits.
    """
    if not extraction.pages:
        found = f"page images of a file of the format {extraction.format}"
        raise NoticeRefusedError(None, found, "a PDF for --page-images")
    first, last = extraction.pages[0].number, extraction.pages[-1].number
    outcome = _run("seed.intake.page_images", data, str(first), str(last))
    return {int(number): base64.b64decode(image) for number, image in outcome["images"].items()}


def _run(module: str, data: bytes, *arguments: str) -> Any:
    """What a module of ours writes of a file.  Raises NoticeRefusedError."""
    try:
        done = subprocess.run(  # noqa: S603 (our own module, and a name that is only looked at)
            [sys.executable, "-m", module, *arguments],
            input=data,
            capture_output=True,
            timeout=2 * MOST_SECONDS,
            cwd=Path(__file__).parents[2],
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise _too_much() from None
    if done.returncode:
        raise _too_much()
    outcome = json.loads(done.stdout)
    if "refused" in outcome:
        raise NoticeRefusedError(*outcome["refused"])
    return outcome


def _too_much() -> NoticeRefusedError:
    return NoticeRefusedError(
        None,
        f"a file that takes more than {MOST_SECONDS} s or {MOST_MEMORY // 1_000_000} MB to read",
        "one with fewer pages: choose them by --pages, or save the file anew",
    )
