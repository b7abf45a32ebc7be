"""What one process of a run makes for all of them."""

import fcntl
import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any


class Once:
    """Gives again what was made under a name, as JSON has it; the other processes wait for the first."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, name: str, make: Callable[[], Any]) -> Any:
        place = self.folder / f"{sha256(name.encode()).hexdigest()}.json"
        with place.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not place.exists():  # written under another name first: who makes it may be killed
                unfinished = place.with_suffix(".unfinished")
                unfinished.write_text(json.dumps(make()), "utf-8")
                unfinished.rename(place)
            return json.loads(place.read_text("utf-8"))
