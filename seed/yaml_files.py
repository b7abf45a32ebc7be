"""YAML: what people write is read plain, bounded, and each key once; what we write is a record a line."""

import re
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from seed.refusals import NoticeRefusedError
from seed.safe_files import read_bytes

MOST_BYTES = 1_000_000
DEEPEST = 12


BOOL = "tag:yaml.org,2002:bool"


class _Loader(yaml.CSafeLoader):
    """Refuses a key that appears twice; `on` and `no` are words, as in YAML 1.2."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        keys = Counter(key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode))
        for key, count in keys.most_common(1):
            if count > 1:
                raise yaml.YAMLError(f"the key {key} twice, line {node.start_mark.line + 1}")
        return super().construct_mapping(node, deep)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != BOOL]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(BOOL, re.compile("(?:true|false)$"), list("tf"))


def read_yaml(path: Path, most_bytes: int = MOST_BYTES) -> Any:
    """What a file says.

    Raises NoticeRefusedError for what is no YAML, too large, too deep, or uses references.
    """
    return parse_yaml(path.name, read_bytes(path, most_bytes))


def parse_yaml(name: str, data: bytes, deepest: int = DEEPEST) -> Any:
    """What the content of a file of this name says.  Raises NoticeRefusedError."""
    try:
        text = data.decode()
        depth = 0
        for event in yaml.parse(text, yaml.CSafeLoader):
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > deepest or isinstance(event, yaml.AliasEvent):
                raise yaml.YAMLError("too deep, or it refers back by *")
        return yaml.load(text, _Loader)  # noqa: S506 (it is a safe loader)
    except (ValueError, yaml.YAMLError) as error:
        raise NoticeRefusedError(
            None, f"{name}: {error}", "plain YAML in UTF-8, without references"
        ) from None


class _Dumper(yaml.CSafeDumper):
    """YAML without references: what is twice is written twice."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


_Dumper.add_representer(
    Decimal,
    lambda dumper, value: (
        dumper.represent_scalar("tag:yaml.org,2002:int", f"{value:f}")
        if value == value.to_integral_value()
        else dumper.represent_scalar("tag:yaml.org,2002:float", f"{value:f}")
    ),
)


def yaml_text(data: Any) -> str:
    """One record a line where it holds only scalars, so that a diff shows records."""
    return yaml.dump(
        _plain(data),
        Dumper=_Dumper,
        allow_unicode=True,
        sort_keys=False,
        default_flow_style=None,
        width=100_000,
    )


def _plain(data: Any) -> Any:
    """Enumerations and tuples as what YAML has for them."""
    if isinstance(data, dict):
        return {key: _plain(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_plain(value) for value in data]
    return str(data) if isinstance(data, str) else data
