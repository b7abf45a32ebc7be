"""JSON as it is stored and sent."""

import json
from decimal import Decimal
from typing import Any

from app.kinds.document import Document


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value.isoformat()


# Made once: `json.dumps` makes one each time.
ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_plain)


def as_json(document: Document | list[Document]) -> str:
    """Compact JSON with literal Chinese characters; whole numbers without a decimal point."""
    return ENCODER.encode(document)
