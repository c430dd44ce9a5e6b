"""A sheet's structure turned into something that runs fast: one jinja2 program, and per block a pattern to fill.

The program does not write text. It yields tuples (block number, the values of its tags …) and marks for the loops; the
renderer puts the values into the block's pattern. Jinja thus evaluates expressions, sandboxed, and nothing else.
"""

from dataclasses import dataclass

from .pattern import Block, PatternBuilder, Surroundings
from .problems import Problem
from .sandbox import bounded
from .structure import Loop, Rows, Structure
from .tags import SANDBOX, nodes

HEADER = -1
_LOOP_MARKS = {"open": "o", "next": "n", "close": "c"}


@dataclass(slots=True)
class Program:
    """A compiled sheet: `run(variables)` yields events, `blocks` say what to do with them."""

    structure: Structure
    blocks: list[Block]
    run: object
    marks: dict[str, tuple[str, int]]


def build(structure: Structure, around: Surroundings, problems: list[Problem]) -> Program:
    """The program of one sheet; formulas that cannot follow the rows are added to the problems."""
    builder = PatternBuilder(structure, around, problems)
    blocks = [builder.block(rows) for rows in structure.blocks]
    if structure.tagged:
        run = compile_nodes(_statements(structure.items) + _header_statements(structure))
    else:
        run = None
    marks = {f"b{block.number}": ("block", block.number) for block in blocks}
    for loop in structure.loops:
        marks.update({f"{mark}{loop.number}": (kind, loop.number) for kind, mark in _LOOP_MARKS.items()})
    return Program(structure, blocks, run, marks)


# The jinja2 program


def compile_nodes(body: list[nodes.Node]):
    """A function from a mapping of variables to the events of these nodes."""
    from jinja2 import Template

    tree = nodes.Template(bounded(body), lineno=1).set_environment(SANDBOX).set_lineno(1, override=False)
    template = Template.from_code(SANDBOX, SANDBOX.compile(tree), SANDBOX.make_globals(None))

    def run(variables):
        return template.root_render_func(template.new_context(variables))

    return run


def event(number: int, values: list[nodes.Expr]) -> nodes.Output:
    """Yields (context, number, values …); the context keeps jinja from folding a constant tuple into a string."""
    return nodes.Output([nodes.Tuple([nodes.ContextReference(), nodes.Const(number), *values], "load")])


def mark(name: str) -> nodes.Output:
    return nodes.Output([nodes.TemplateData(name)])


def _statements(items: list) -> list[nodes.Node]:
    written: list[nodes.Node] = []
    for item in items:
        if isinstance(item, Rows):
            if item.slots:
                written += _event_of(item.number, [slot for _, slot in item.slots])
            else:
                written.append(mark(f"b{item.number}"))
        elif isinstance(item, Loop):
            node, number = item.tag.node, item.number
            body = [mark(f"n{number}"), *_statements(item.body)]
            loop = nodes.For(node.target, node.iter, body, _statements(item.otherwise), node.test, False)
            written += [mark(f"o{number}"), loop, mark(f"c{number}")]
        else:
            written.append(nodes.If(item.tag.node.test, _statements(item.then), [], _statements(item.otherwise)))
    return written


def _header_statements(structure: Structure) -> list[nodes.Node]:
    return _event_of(HEADER, [slot for _, slot in structure.header]) if structure.header else []


def _event_of(number: int, slots) -> list[nodes.Node]:
    statements, values = [], []
    for index, slot in enumerate(slots):
        before, value = slot.program(f"_cell_{number if number >= 0 else 'header'}_{index}")
        statements += before
        values.append(value)
    return [*statements, event(number, values)]
