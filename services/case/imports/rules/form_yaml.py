"""YAML with the line of each of its parts; bounded, and nothing in it means more than its letters."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import yaml

from shared.kernel.errors import InvalidInputError

MAX_CHARACTERS = 64 * 1024
_DEEPEST = 6
_MOST_TOLD = 20


class FormError(InvalidInputError):
    """A mapping profile is not written as one."""

    code = "import-profile"

    def __init__(self, faults: Iterable[tuple[int, str]]) -> None:
        """Tell every fault with its line."""
        told = sorted(set(faults))[:_MOST_TOLD]
        super().__init__(
            "This mapping profile cannot be used. " + " ".join(f"Line {line}: {what}" for line, what in told),
            tuple({"pointer": f"#/text/{line}", "code": self.code, "detail": what} for line, what in told),
        )
        self.faults = tuple(told)


@dataclass(frozen=True, kw_only=True)
class Node:
    """A part of the YAML, with the line on which it stands.

    Attributes:
        value: Text, a list of nodes, or a mapping of text to (the key's line, node).
    """

    line: int
    value: Any


def plain_value(node: Node) -> Any:
    """Give a node's value without lines."""
    if isinstance(node.value, dict):
        return {key: plain_value(value) for key, (_, value) in node.value.items()}
    if isinstance(node.value, list):
        return [plain_value(value) for value in node.value]
    return node.value


def parsed(text: str) -> Node:
    """Read a text.

    Raises:
        FormError: It is no YAML, too long, nested too deep, or a name stands twice.
    """
    if len(text) > MAX_CHARACTERS:
        raise FormError([(1, "it is longer than 64 KB.")])
    try:
        depth = 0
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > _DEEPEST or isinstance(event, yaml.AliasEvent):
                at = event.start_mark
                raise FormError([(1 if at is None else at.line + 1, "write each part out; nothing is nested so deep.")])
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = 1 if error.problem_mark is None else error.problem_mark.line + 1
        raise FormError([(line, "this is not YAML. Look for a missing colon, indent or quotation mark.")]) from error
    except (yaml.YAMLError, ValueError) as error:
        raise FormError([(1, "this is not YAML.")]) from error
    if root is None:
        raise FormError([(1, "there is nothing here.")])
    faults: list[tuple[int, str]] = []
    node = _node(root, faults)
    if faults:
        raise FormError(faults)
    return node


def _node(found: yaml.Node, faults: list[tuple[int, str]]) -> Node:
    line = found.start_mark.line + 1
    if isinstance(found, yaml.MappingNode):
        content: dict[str, tuple[int, Node]] = {}
        for key, value in found.value:
            at = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                faults.append((at, "a name is plain text."))
            elif key.value in content:
                faults.append((at, "this name stands twice."))
            else:
                content[key.value] = (at, _node(value, faults))
        return Node(line=line, value=content)
    if isinstance(found, yaml.SequenceNode):
        return Node(line=line, value=[_node(one, faults) for one in found.value])
    # Every scalar is text: a word such as no or 1.0 is what it looks like, never YAML's own idea of it.
    return Node(line=line, value=found.value)
