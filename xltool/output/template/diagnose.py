"""After a failed rendering: which cells fail, each with what it said, what is missing and what there is.

The page is run again with every cell on its own; a cell that fails is taken out and the run repeated, so that one pass
for the user names all of them. A cell inside a loop is reported for the first row it fails in.
"""

from jinja2.exceptions import SecurityError, UndefinedError
from jinja2.runtime import Undefined
from jinja2.utils import missing

from .compile import Compiled, Page
from .problems import Problem, Where
from .program import compile_nodes, event, mark
from .structure import Choice, Loop, Rows
from .tags import nearest, nodes
from .values import CellWriters, Unfit

MAX_PROBLEMS = 50


def diagnose(compiled: Compiled, page: Page, variables: dict, error: Exception, label: str = "") -> list[Problem]:
    """The problems of this page with these variables; never empty."""
    probe = _Probe(page, variables, compiled.writers)
    found = probe.run()
    if not found:
        # The data changed between the two runs (an iterator used up), or the fault is of the sheet as a whole.
        found = [("", "", error, 0)]
    sheet = page.tab.name if not label else f"{page.tab.name}（{label}）"
    return [_problem(Where(compiled.file, sheet, cell), *rest, variables) for cell, *rest in found]


class _Probe:
    def __init__(self, page: Page, variables: dict, writers: CellWriters):
        self.structure = page.program.structure
        self.variables, self.writers = variables, writers
        self.sources: list[tuple[str, str]] = []
        self.formats: list[bool] = []
        self.left_out: set[int] = set()

    def run(self) -> list[tuple[str, str, Exception, int]]:
        """(cell, its text, what went wrong, the loop turn or 0) per failing cell."""
        found = []
        while len(found) < MAX_PROBLEMS:
            self.sources.clear()
            body = self._items(self.structure.items) + self._header()
            failure = self._once(compile_nodes(body), found)
            if failure is None:
                break
            found.append(failure)
        return found

    def _once(self, program, found: list) -> tuple | None:
        """Runs to the first exception of an expression; values that fit no cell are noted on the way."""
        current, turns = 0, []
        try:
            for step in program(self.variables):
                if step.__class__ is tuple:
                    number = step[1]
                    if number in self.left_out:
                        continue
                    try:
                        self._fits(step[2])
                    except Exception as fault:
                        self.left_out.add(number)
                        found.append((*self.sources[number], fault, turns[-1] if turns else 0))
                elif step[0] == "o":
                    turns.append(0)
                elif step[0] == "n":
                    turns[-1] += 1
                elif step[0] == "c":
                    turns.pop()
                else:
                    current = int(step[1:])
        except Exception as fault:
            self.left_out.add(current)
            return (*self.sources[current], fault, turns[-1] if turns else 0)
        return None

    def _fits(self, value) -> None:
        if isinstance(value, Undefined):
            str(value)
        self.writers[value.__class__](value)

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


def _problem(where: Where, source: str, fault: Exception, turn: int, variables: dict) -> Problem:
    row = f"（循环的第 {turn} 项）" if turn else ""
    if isinstance(fault, Unfit):
        expected = f"值是 {fault.found}{row}，{fault.expected}" if source else fault.expected
        return Problem("template.value", source or fault.found, expected, "请检查数据", where)
    if isinstance(fault, UndefinedError):
        return _missing_name(where, source, row, fault, variables)
    if isinstance(fault, SecurityError):
        return Problem("template.failed", source, f"不允许这样写：{fault}", "模板里只做取值和简单计算", where)
    said = f"算不出来{row}：{fault or type(fault).__name__}"
    return Problem("template.failed", source or type(fault).__name__, said, "请检查数据和写法", where)


def _missing_name(where: Where, source: str, row: str, fault: UndefinedError, variables: dict) -> Problem:
    name, holder = _sought(fault)
    source = source or str(name)
    if name is None:
        return Problem("template.name", source, f"数据里缺少需要的值{row}：{fault}", "请核对名称", where)
    known = variables if holder is None else holder
    if isinstance(known, dict) or hasattr(known, "keys"):
        public = list(known.keys())
    elif isinstance(known, (str, int, float, list, tuple)):
        said = f"没有 {name}{row}：它所在的值是 {str(known)[:30]!r}"
        return Problem("template.name", source, said, "请核对名称", where)
    else:
        public = [each for each in dir(known) if not each.startswith("_")]
    available = nearest(name, public)
    fix = f"可用的名称有 {available}" if available else "没有任何可用的名称"
    return Problem("template.name", source, f"没有 {name}{row}", fix, where)


def _sought(fault: UndefinedError) -> tuple[str | None, object]:
    """The name that was not found and the object it was looked for in (None: among the variables)."""
    trace = fault.__traceback__
    while trace is not None:
        undefined = trace.tb_frame.f_locals.get("self")
        if isinstance(undefined, Undefined):
            holder = undefined._undefined_obj
            return undefined._undefined_name, None if holder is missing else holder
        trace = trace.tb_next
    return None, None
