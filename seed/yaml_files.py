"""Reading YAML that people write: plain, bounded, and each key once."""

from pathlib import Path
from typing import Any

import yaml

from seed.refusals import NoticeRefusedError

MOST_BYTES = 1_000_000
DEEPEST = 12


class _Loader(yaml.CSafeLoader):
    """Refuses a key that is there twice."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.YAMLError(f"the key {key} twice, line {node.start_mark.line + 1}")
        return super().construct_mapping(node, deep)


def read_yaml(path: Path) -> Any:
    """What a file says.

    Raises NoticeRefusedError for what is no YAML, too large, too deep, or uses references.
    """
    try:
        data = path.read_bytes()
        if len(data) > MOST_BYTES:
            raise yaml.YAMLError(f"{len(data)} bytes")
        text = data.decode()
        depth = 0
        for event in yaml.parse(text, yaml.CSafeLoader):
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > DEEPEST or isinstance(event, yaml.AliasEvent):
                raise yaml.YAMLError("too deep, or it refers back by *")
        return yaml.load(text, _Loader)  # noqa: S506 (it is a safe loader)
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise NoticeRefusedError(
            None, f"{path.name}: {error}", "plain YAML in UTF-8, at most 1 MB, without references"
        ) from None
