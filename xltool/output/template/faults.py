"""What goes wrong while a template is filled in: found by running it piece by piece, told with what there is instead."""

from collections.abc import Callable
from itertools import islice

from jinja2.exceptions import SecurityError, UndefinedError
from jinja2.runtime import Undefined
from jinja2.utils import missing

from .problems import Problem, Where
from .program import compile_nodes
from .tags import nearest, nodes
from .values import Unfit

MAX_PROBLEMS = 50
MAX_STEPS = 2_000_000  # what comes after so many is not looked at


def failures(
    body: Callable[[set[int]], list[nodes.Node]], variables: dict, fits: Callable[[object], object]
) -> list[tuple[int, Exception, int]]:
    """(number, what went wrong, the loop turn or 0) of every piece that fails.

    `body` gives the program without the pieces of these numbers. It marks `s` and the number before each piece, `o`,
    `n` and `c` around and in loops, and yields a value as `event(number, [value])`; `fits` raises if it cannot stand.
    """
    found: list[tuple[int, Exception, int]] = []
    left_out: set[int] = set()
    while len(found) < MAX_PROBLEMS:
        failure = _once(compile_nodes(body(left_out)), variables, fits, left_out, found)
        if failure is None:
            break
        found.append(failure)
    return found


def _once(program, variables: dict, fits, left_out: set[int], found: list) -> tuple[int, Exception, int] | None:
    """Runs to the first exception of an expression; values that do not fit are noted on the way."""
    current, turns = 0, []
    try:
        for step in islice(program(variables), MAX_STEPS):
            if step.__class__ is tuple:
                number = step[1]
                if number in left_out:
                    continue
                try:
                    if isinstance(step[2], Undefined):
                        str(step[2])
                    fits(step[2])
                except Exception as fault:
                    left_out.add(number)
                    found.append((number, fault, turns[-1] if turns else 0))
            elif step[0] == "o":
                turns.append(0)
            elif step[0] == "n":
                turns[-1] += 1
            elif step[0] == "c":
                turns.pop()
            else:
                current = int(step[1:])
    except Exception as fault:
        left_out.add(current)
        return current, fault, turns[-1] if turns else 0
    return None


def fault_problem(where: Where, source: str, fault: Exception, turn: int, variables: dict) -> Problem:
    """What an expression raised, for the template's author; `source` is the tag as written, `turn` of the loop or 0."""
    row = f"（循环的第 {turn} 项）" if turn else ""
    if isinstance(fault, Unfit):
        expected = f"值是 {fault.found}{row}，{fault.expected}" if source else fault.expected
        return Problem("template.value", source or fault.found, expected, "请检查数据", where)
    if isinstance(fault, UndefinedError):
        return _missing_name(where, source, row, fault, variables)
    if isinstance(fault, SecurityError):
        return Problem("template.failed", source, f"不允许这样写：{fault}", "模板里只做取值和简单计算", where)
    said = f"算不出来{row}：{str(fault) or type(fault).__name__}"
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
