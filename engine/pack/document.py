"""What load hands on: plain data, and the place of every node and key.

Places are kept as a tree of marks and turned into spans when asked for, so that a document without
problems does not pay for positions nobody reads.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from boosterwatch.engine.diagnostics import Span

Path = tuple[str | int, ...]
Mark = tuple[int, int, int]  # line, column, length; line and column count from 1


@dataclass(frozen=True, slots=True)
class Limits:
    """How big a document may be; anything larger is refused before it costs time or memory."""

    bytes: int
    depth: int
    nodes: int
    scalar: int


PACK_LIMITS = Limits(bytes=1 << 20, depth=20, nodes=200_000, scalar=20_000)
RECORD_LIMITS = Limits(bytes=4 << 20, depth=12, nodes=500_000, scalar=10_000)


@dataclass(slots=True)
class Tree:
    """The marks of a list or mapping: its own, its children's and its keys'."""

    mark: Mark
    children: "dict[str | int, Tree | Mark]" = field(default_factory=dict)
    keys: dict[str, Mark] = field(default_factory=dict)


Node = Tree | Mark


class Spans(Mapping[Path, Span]):
    """Spans by path, of nodes or of keys, read from a tree of marks that is built on first use."""

    def __init__(self, file: str, root: Callable[[], Node], *, of_keys: bool) -> None:
        self._file = file
        self._root = root
        self._of_keys = of_keys

    def __getitem__(self, path: Path) -> Span:
        mark = self._find_key(path) if self._of_keys else self._find_node(path)
        if mark is None:
            raise KeyError(path)
        return Span(self._file, *mark)

    def __iter__(self) -> Iterator[Path]:
        todo: list[tuple[Path, Node]] = [((), self._root())]
        while todo:
            path, node = todo.pop()
            if not self._of_keys:
                yield path
            if isinstance(node, Tree):
                if self._of_keys:
                    yield from ((*path, key) for key in node.keys)
                todo += [((*path, step), child) for step, child in node.children.items()]

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def nearest(self, path: Path) -> Span:
        """Return the span of the node at `path`, or of the closest node around it."""
        *_, last = walk(self._root(), path)
        return Span(self._file, *_mark(last))

    def _find_node(self, path: Path) -> Mark | None:
        nodes = list(walk(self._root(), path))
        return _mark(nodes[-1]) if len(nodes) == len(path) + 1 else None

    def _find_key(self, path: Path) -> Mark | None:
        nodes = list(walk(self._root(), path[:-1]))
        if not path or len(nodes) != len(path) or not isinstance(nodes[-1], Tree):
            return None
        key = path[-1]
        return nodes[-1].keys.get(key) if isinstance(key, str) else None


def walk(node: Node, path: Path) -> Iterator[Node]:
    """Yield the nodes along `path`, from the root as far as the path leads."""
    yield node
    for step in path:
        child = node.children.get(step) if isinstance(node, Tree) else None
        if child is None:
            return
        node = child
        yield node


def _mark(node: Node) -> Mark:
    return node.mark if isinstance(node, Tree) else node


@dataclass(frozen=True, slots=True)
class Document:
    """A document that passed the guard; its shape is still unknown, hence `Any`.

    `data` is built of dict, list, str, int, float, bool and None only. `digest` is the SHA-256 of
    the bytes that were read.
    """

    file: str
    text: str
    data: Any
    spans: Spans
    key_spans: Spans
    digest: str

    def span(self, path: Path) -> Span:
        """Return the span of the node at `path`, or of the closest node around it."""
        return self.spans.nearest(path)

    def key_span(self, path: Path) -> Span:
        """Return the span of the key that ends `path`; without such a key, that of the node."""
        return self.key_spans.get(path) or self.span(path)
