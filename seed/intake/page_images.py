"""Pictures of the pages of a PDF, where the clerk allows them: `python -m seed.intake.page_images 3 9 <FILE`.

They show the whole page as the boxes of `paragraphs.yaml` count it.
"""

import base64
import io
import json
import sys
from collections.abc import Iterator
from typing import Any

import pypdfium2
from PIL import Image

from seed.intake.bounded import limit_this_process

SCALE = 2.0  # pixels for a point: 1190 x 1684 for A4, sharp on a phone and in print
MOST_PIXELS = 2400  # of a side
COLORS = 32  # black on white, a red heading, their edges
LARGE = 400_000  # bytes; a page of pictures is smaller with losses


def page_images(data: bytes, first: int, last: int) -> Iterator[tuple[int, bytes]]:
    """The number of each page and its picture as WebP."""
    document = pypdfium2.PdfDocument(data)
    for number in range(first, last + 1):
        page = document[number - 1]
        page.set_cropbox(*page.get_mediabox())
        scale = min(SCALE, MOST_PIXELS / max(page.get_size()))
        picture = page.render(scale=scale).to_pil().convert("RGB")
        few = picture.quantize(COLORS, method=Image.Quantize.FASTOCTREE).convert("RGB")
        packed = _webp(few, lossless=True, quality=50)
        yield number, packed if len(packed) <= LARGE else _webp(picture, quality=60)
        page.close()


def _webp(picture: Image.Image, **options: Any) -> bytes:
    packed = io.BytesIO()
    picture.save(packed, "WEBP", **options)
    return packed.getvalue()


def main(arguments: list[str]) -> int:
    """Write the pictures as JSON, page number → Base64; or why there are none."""
    limit_this_process()
    first, last = map(int, arguments)
    try:
        images = page_images(sys.stdin.buffer.read(), first, last)
        outcome: dict[str, Any] = {
            "images": {number: base64.b64encode(image).decode() for number, image in images}
        }
    except Exception as error:  # noqa: BLE001 (a fault here must not look like a limit)
        found = f"pages that cannot be drawn ({type(error).__name__}: {error})"[:300]
        outcome = {"refused": [None, found, "no --page-images, or the same file, saved anew"]}
    json.dump(outcome, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
