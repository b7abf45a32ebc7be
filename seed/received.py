"""The file that a notice came in, as intake recorded it in `source.yaml`."""

import hashlib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from seed.intake.formats import MOST_BYTES
from seed.intake.storing import is_address
from seed.refusals import NoticeRefusedError, excerpt
from seed.safe_files import read_bytes
from seed.yaml_files import read_yaml


@dataclass(frozen=True)
class Received:
    """Its SHA-256, and where and when it was retrieved, where the clerk stated that."""

    sha256: str
    address: str | None = None
    retrieved_on: date | None = None


def received(folder: Path) -> Received:
    """What a plan's folder says of its file.

    Raises NoticeRefusedError where the file is not the one that intake stored.
    """
    about = folder / "source.yaml"
    if not about.exists():
        if not (folder / "raw.txt").exists():
            raise NoticeRefusedError(None, f"no notice in {folder.name}", "seed intake FILE first")
        return Received(hashlib.sha256(read_bytes(folder / "raw.txt", MOST_BYTES)).hexdigest())
    given = read_yaml(about)
    name = given.get("stored_as") if isinstance(given, dict) else None
    if not isinstance(name, str) or not name.startswith("raw.") or Path(name).name != name:
        raise NoticeRefusedError(None, "source.yaml of another shape", "the file that intake wrote")
    digest = hashlib.sha256(read_bytes(folder / name, MOST_BYTES)).hexdigest()
    if digest != given.get("sha256"):
        raise NoticeRefusedError(
            None, f"{name} is not the file that was received", f"SHA-256 {given.get('sha256')}"
        )
    return Received(digest, _address(given.get("address")), _day(given.get("retrieved_on")))


def _address(given: Any) -> str | None:
    if given is None or (isinstance(given, str) and is_address(given)):
        return given
    raise NoticeRefusedError(
        None, f"source.yaml: address {excerpt(str(given))}", "an address such as https://…, or null"
    )


def _day(given: Any) -> date | None:
    """A day as intake writes it, in quotes, or as a person does, without."""
    if given is None or type(given) is date:
        return given
    try:
        return date.fromisoformat(given)
    except (TypeError, ValueError):
        raise NoticeRefusedError(
            None,
            f"source.yaml: retrieved_on {excerpt(str(given))}",
            "a day such as 2026-11-27, or null",
        ) from None
