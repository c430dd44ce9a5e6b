"""After a failed rendering: which cells fail, each with what it said, what is missing and what there is.

The page is run again with every cell on its own; a cell that fails is taken out and the run repeated, so that one pass
for the user names all of them. A cell inside a loop is reported for the first row it fails in.
"""

from .compile import Compiled, Page
from .faults import failures, fault_problem
from .problems import Problem, Where
from .program import event, mark
from .structure import Choice, Loop, Rows
from .tags import nodes
from .values import CellWriters


def diagnose(compiled: Compiled, page: Page, variables: dict, error: Exception, label: str = "") -> list[Problem]:
    """The problems of this page with these variables; never empty."""
    probe = _Probe(page, variables, compiled.writers)
    found = probe.run()
    if not found:
        # The data changed between the two runs (an iterator used up), or the fault is of the sheet as a whole.
        found = [("", "", error, 0)]
    sheet = page.tab.name if not label else f"{page.tab.name}（{label}）"
    return [fault_problem(Where(compiled.file, sheet, cell), *rest, variables) for cell, *rest in found]


class _Probe:
    def __init__(self, page: Page, variables: dict, writers: CellWriters):
        self.structure = page.program.structure
        self.variables, self.writers = variables, writers
        self.sources: list[tuple[str, str]] = []
        self.left_out: set[int] = set()

    def run(self) -> list[tuple[str, str, Exception, int]]:
        """(cell, its text, what went wrong, the loop turn or 0) per failing cell."""
        found = failures(self._body, self.variables, lambda value: self.writers[value.__class__](value))
        return [(*self.sources[number], fault, turn) for number, fault, turn in found]

    def _body(self, left_out: set[int]) -> list[nodes.Node]:
        self.sources.clear()
        self.left_out = left_out
        return self._items(self.structure.items) + self._header()

    def _number(self, cell: str, source: str) -> int:
        self.sources.append((cell, source))
        return len(self.sources) - 1

    def _items(self, items: list) -> list[nodes.Node]:
        written: list[nodes.Node] = []
        for item in items:
            if isinstance(item, Rows):
                for cell, slot in item.slots:
                    written += self._slot(cell.place, slot)
                continue
            number = self._number(item.cell.place, item.tag.source)
            # The insides are walked in any case: the numbers must not depend on what is left out.
            inner = self._items(item.body if isinstance(item, Loop) else item.then)
            otherwise = self._items(item.otherwise)
            if number in self.left_out:
                continue
            node = item.tag.node
            written.append(mark(f"s{number}"))
            if isinstance(item, Choice):
                written.append(nodes.If(node.test, inner, [], otherwise))
            else:
                loop = nodes.For(node.target, node.iter, [mark("n"), *inner], otherwise, node.test, False)
                written += [mark("o"), loop, mark("c")]
        return written

    def _header(self) -> list[nodes.Node]:
        return [node for _, slot in self.structure.header for node in self._slot("页眉页脚", slot)]

    def _slot(self, cell: str, slot) -> list[nodes.Node]:
        number = self._number(cell, slot.source)
        if number in self.left_out:
            return []
        before, value = slot.program(f"_probe_{number}")
        return [mark(f"s{number}"), *before, event(number, [value])]
