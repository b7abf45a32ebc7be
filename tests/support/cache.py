"""The cache of responses of a service, wherever it stands among the layers around it."""

from typing import Any

from app.middleware.response_cache import ResponseCache


def cache_of(layer: Any) -> ResponseCache:
    while not isinstance(layer, ResponseCache):
        layer = layer.app
    return layer
