"""The file that a notice came in, as intake recorded it in `source.yaml`."""

import hashlib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from seed.intake.formats import MOST_BYTES
from seed.refusals import NoticeRefusedError
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
    address, day = given.get("address"), given.get("retrieved_on")
    try:
        return Received(
            digest,
            address if isinstance(address, str) else None,
            date.fromisoformat(day) if isinstance(day, str) else None,
        )
    except ValueError:
        raise NoticeRefusedError(None, f"source.yaml: retrieved_on {day}", "a day") from None
