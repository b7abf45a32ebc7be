"""JSON as it is stored and sent."""

import json
from decimal import Decimal
from typing import Any

from app.kinds.document import Document


def as_json(document: Document | list[Document]) -> str:
    """Compact JSON with literal Chinese characters; whole numbers without a decimal point."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value.isoformat()
