"""After a failed rendering: which tags fail, each with what it said, what is missing and what there is."""

from ..faults import failures, fault_problem
from ..problems import Problem, Where
from ..program import event, mark
from ..tags import nodes
from .page import Page
from .text import escaped


def diagnose(file: str, page: Page, variables: dict, error: Exception) -> list[Problem]:
    """The problems of this part with these variables; never empty."""
    found = failures(lambda left_out: _probe(page.body, left_out), variables, escaped)
    if not found:
        # The data changed between the two runs (an iterator used up), or the fault is of the part as a whole.
        return [fault_problem(Where(file, "", page.label), "", error, 0, variables)]
    problems = []
    for line, fault, turn in found:
        tag = page.patched.lines[line]
        problems.append(fault_problem(Where(file, "", tag.place), tag.source, fault, turn, variables))
    return list(dict.fromkeys(problems))


def _probe(body: list[nodes.Node], left_out: set[int]) -> list[nodes.Node]:
    """The same statements, each tag told by its line before it runs; those left out are gone with all they hold."""
    written: list[nodes.Node] = []
    for node in body:
        if isinstance(node, nodes.Output):
            for child in node.nodes:
                if not isinstance(child, nodes.TemplateData) and child.lineno not in left_out:
                    written += [mark(f"s{child.lineno}"), event(child.lineno, [child])]
        elif node.lineno not in left_out:
            written.append(mark(f"s{node.lineno}"))
            if isinstance(node, nodes.For):
                inner, otherwise = _probe(node.body, left_out), _probe(node.else_, left_out)
                loop = nodes.For(node.target, node.iter, [mark("n"), *inner], otherwise, node.test, False)
                written += [mark("o"), loop, mark("c")]
            elif isinstance(node, nodes.If):
                rest = node.else_
                if node.elif_:
                    first, *others = node.elif_
                    rest = [nodes.If(first.test, first.body, others, node.else_, lineno=first.lineno)]
                written.append(nodes.If(node.test, _probe(node.body, left_out), [], _probe(rest, left_out)))
            else:
                written.append(node)
    return written
