"""Files that several processes read and write: written at once or not at all, read with bounds."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from seed.refusals import NoticeRefusedError


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder of notices, waiting for others; the system frees it with the process."""
    folder.mkdir(parents=True, exist_ok=True)
    if os.name == "nt":
        import msvcrt

        descriptor = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT)
        msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)  # type: ignore[attr-defined]
    else:
        import fcntl

        descriptor = os.open(folder, os.O_RDONLY)  # the folder itself: no file is left behind
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(descriptor)


def write_at_once(path: Path, content: bytes) -> None:
    """Replace a file as a whole; a killed process leaves the old one, or a name with a dot."""
    descriptor, unfinished = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(unfinished).chmod(0o644)
        Path(unfinished).replace(path)
    except BaseException:
        Path(unfinished).unlink(missing_ok=True)
        raise
    sync_names(path.parent)


def sync_names(folder: Path) -> None:
    """A new name in a folder, too, outlives a power cut."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_bytes(path: Path, most: int) -> bytes:
    """The content of a file of the folder that it stands in.

    Raises NoticeRefusedError for a link, for what is no file, and for more than `most` bytes.
    """
    if path.is_symlink() or not path.is_file():
        raise NoticeRefusedError(
            None, f"{path.name} is {'a link' if path.is_symlink() else 'no file'}", "a file"
        )
    data = read_received(path, most)
    if len(data) > most:
        raise NoticeRefusedError(None, f"{path.name} of more than {most} bytes", "a smaller file")
    return data


def read_received(path: Path, most: int) -> bytes:
    """The content of a file wherever it lies, at most one byte more than `most`.

    Raises NoticeRefusedError for a folder, and for a pipe or device, which may never end.
    """
    if not path.is_file():
        found = "a folder" if path.is_dir() else "not a file" if path.exists() else "no such file"
        raise NoticeRefusedError(None, found, "the file that the notice was received as")
    with path.open("rb") as file:
        return file.read(most + 1)
