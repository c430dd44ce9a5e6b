"""Which names of the data a template reads; a loop's variable is written as the list it runs over: `projects[].name`."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from jinja2 import meta, nodes

from .tags import SANDBOX

LOOP = "loop"  # what jinja2 tells inside a loop about the loop
# Filters that leave the items of a list what they are.
_SAME_ITEMS = frozenset(("list", "reject", "rejectattr", "reverse", "select", "selectattr", "sort", "unique"))


def names_in(tree: nodes.Node) -> tuple[str, ...]:
    """The names a syntax tree reads from the data, dotted as written."""
    template = tree if isinstance(tree, nodes.Template) else nodes.Template([nodes.Output([tree])])
    roots = meta.find_undeclared_variables(template.set_environment(SANDBOX)) - set(SANDBOX.globals)
    found: list[str] = []

    def walk(node: nodes.Node, trail: str = "") -> None:
        if isinstance(node, nodes.Getattr):
            walk(node.node, f".{node.attr}{trail}")
        elif isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str):
            walk(node.node, f".{node.arg.value}{trail}")
        elif isinstance(node, nodes.Name):
            if node.ctx == "load" and node.name in roots and node.name + trail not in found:
                found.append(node.name + trail)
        else:
            for child in node.iter_child_nodes():
                walk(child)

    walk(template)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Scope:
    """What the template's own names stand for in the data; None for what it made itself (a part of a list, a sum)."""

    known: dict[str, str | None] = field(default_factory=lambda: {LOOP: None})

    def resolved(self, names: Iterable[str]) -> tuple[str, ...]:
        """Dotted names as the data know them."""
        full = []
        for name in names:
            root, dot, rest = name.partition(".")
            if (base := self.known.get(root, root)) is not None:
                full.append(base + dot + rest)
        return tuple(dict.fromkeys(full))

    def inside(self, loop: nodes.For) -> "Scope":
        """The scope of a loop's body."""
        items, source = self._path(loop.iter), loop.target
        if isinstance(source, nodes.Name):
            return Scope({**self.known, source.name: items and f"{items}[]"})
        return self.without(source)

    def with_set(self, assignment: nodes.Assign) -> "Scope":
        """The scope after a `set`."""
        if isinstance(assignment.target, nodes.Name):
            return Scope({**self.known, assignment.target.name: self._path(assignment.node)})
        return self.without(assignment.target)

    def without(self, target: nodes.Node) -> "Scope":
        return Scope({**self.known, **dict.fromkeys((each.name for each in target.find_all(nodes.Name)), None)})

    def _path(self, node: nodes.Expr) -> str | None:
        while isinstance(node, nodes.Filter) and node.name in _SAME_ITEMS:
            node = node.node
        if not isinstance(node, (nodes.Name, nodes.Getattr, nodes.Getitem)):
            return None
        return next(iter(self.resolved(names_in(node))), None)


def reads(body: Iterable[nodes.Node], scope: Scope | None = None) -> Iterator[tuple[int, tuple[str, ...]]]:
    """(line, names) of every tag below these nodes that reads from the data."""
    scope = scope or Scope()
    for node in body:
        if isinstance(node, nodes.Output):
            for child in node.nodes:
                if not isinstance(child, nodes.TemplateData):
                    yield child.lineno, scope.resolved(names_in(child))
        elif isinstance(node, nodes.If):
            yield node.lineno, scope.resolved(names_in(node.test))
            for part in (node.body, node.elif_, node.else_):
                yield from reads(part, scope)
        elif isinstance(node, nodes.For):
            yield node.lineno, scope.resolved(names_in(node.iter))
            inner = scope.inside(node)
            if node.test is not None:
                yield node.lineno, inner.resolved(names_in(node.test))
            yield from reads(node.body, inner)
            yield from reads(node.else_, scope)
        elif isinstance(node, nodes.Assign):
            yield node.lineno, scope.resolved(names_in(node.node))
            scope = scope.with_set(node)
