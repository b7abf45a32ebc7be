"""A file taken in becomes a folder among the operator's notices, at once or not at all.

raw.pdf, raw.docx …  as received, byte for byte
source.yaml          its name, SHA-256, format, and where and when it was got
paragraphs.yaml      what it says, each paragraph and cell with its place in the file
page-3.webp …        a picture of each page of a PDF, where the clerk allows it
editorial.yaml       what a person decides; it begins with the jurisdiction
"""

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

from seed.intake.blocks import Extraction, PageSize
from seed.intake.stored import as_data, from_data
from seed.refusals import NoticeRefusedError
from seed.safe_files import read_bytes, sync_names
from seed.yaml_files import read_yaml, yaml_text

WRITTEN = "# Written by `python -m seed intake` from the file beside it.\n"
DECISIONS = "# What a person decides about this notice, each with a reason: docs/notices.md.\n"
SUFFIXES = {"markdown": "md", "text": "txt"}
MOST_BYTES = 10_000_000  # of paragraphs.yaml
MOST_IMAGE_BYTES = 2_000_000
NO_IMAGES: Mapping[int, bytes] = MappingProxyType({})
WEBP = re.compile(rb"RIFF.{4}WEBP", re.DOTALL)


@dataclass(frozen=True)
class Source:
    """The file that a notice came in, and what the clerk says of it."""

    name: str
    data: bytes
    pages: tuple[int, int] | None = None
    address: str | None = None
    retrieved_on: date | None = None


def store(
    notices: Path,
    others: Sequence[Path],
    plan: str,
    jurisdiction: str,
    source: Source,
    extraction: Extraction,
    images: Mapping[int, bytes] = NO_IMAGES,
) -> Path:
    """Write the folder of a plan; gives its path.

    Raises NoticeRefusedError where a plan of this id is there already, here or in `others`.
    """
    target = notices / plan
    for place in (notices, *others):
        if (place / plan).exists():
            raise _taken(place / plan)
    notices.mkdir(parents=True, exist_ok=True)
    # A folder that begins with a dot is no notice: what a killed process leaves is never read.
    unfinished = Path(tempfile.mkdtemp(prefix=f".{plan}-", dir=notices))
    try:
        for name, content in files_of(jurisdiction, source, extraction, images).items():
            with (unfinished / name).open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        unfinished.chmod(0o755)
        unfinished.rename(target)
    except FileExistsError:
        raise _taken(target) from None
    except OSError:
        if target.exists():
            raise _taken(target) from None
        raise
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    sync_names(notices)
    return target


def read_paragraphs(folder: Path) -> Extraction:
    """What `store` wrote of a file, for the reader; needs none of intake's packages.

    Raises NoticeRefusedError for a file that intake has not written so.
    """
    path = folder / "paragraphs.yaml"
    try:
        return from_data(read_yaml(path, MOST_BYTES))
    except ValueError as error:
        raise NoticeRefusedError(
            None, f"{path.name}: {error}", "the file as intake wrote it"
        ) from (None)


def read_images(folder: Path, pages: Sequence[PageSize]) -> dict[int, bytes]:
    """The pictures of these pages that `store` wrote; none where the clerk did not allow them.

    Raises NoticeRefusedError for a file that is no picture.
    """
    images = {}
    for page in pages:
        path = folder / image_name(page.number)
        if path.exists():
            images[page.number] = image = read_bytes(path, MOST_IMAGE_BYTES)
            if not WEBP.match(image):
                found = f"{path.name} is no WebP picture"
                raise NoticeRefusedError(None, found, "the file as intake wrote it, or none")
    return images


def image_name(page: int) -> str:
    """The name of the picture of a page."""
    return f"page-{page}.webp"


def files_of(
    jurisdiction: str,
    source: Source,
    extraction: Extraction,
    images: Mapping[int, bytes] = NO_IMAGES,
) -> dict[str, bytes]:
    """The files of a plan's folder, by name."""
    suffix = SUFFIXES.get(extraction.format, extraction.format)
    about = {
        "file": source.name,
        "stored_as": f"raw.{suffix}",
        "sha256": hashlib.sha256(source.data).hexdigest(),
        "bytes": len(source.data),
        "format": extraction.format,
        "encoding": extraction.encoding,
        "pages": list(source.pages) if source.pages else None,
        "address": source.address,
        "retrieved_on": source.retrieved_on.isoformat() if source.retrieved_on else None,
    }
    return {
        f"raw.{suffix}": source.data,
        "source.yaml": f"{WRITTEN}{yaml_text(about)}".encode(),
        "paragraphs.yaml": f"{WRITTEN}{yaml_text(as_data(extraction))}".encode(),
        "editorial.yaml": f'{DECISIONS}jurisdiction: "{jurisdiction}"\n'.encode(),
        **{image_name(page): image for page, image in images.items()},
    }


def is_address(text: str) -> bool:
    """Whether a file may have been published there."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and len(text) <= 2000


def _taken(folder: Path) -> NoticeRefusedError:
    return NoticeRefusedError(
        None, f"a plan {folder.name} in {folder.parent}", "another id, or remove that folder first"
    )
