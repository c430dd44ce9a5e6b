"""The live checks of a submission sheet as native formulas: the guideline's rules over the cells of one row.

Only functions of Excel 2010 are used, so Excel, WPS and LibreOffice compute them with nothing installed. A cell that does not hold
what its column asks for counts as missing, never as zero or as a text that is greater than every number; it is named as faulty.
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ...rules.facts import SERIALS
from ...rules.formula import Call, Node, children, names, number_text
from ...rules.model import SUBSIDY, Field, Programme
from ...rules.native import native, native_amount
from .columns import CODE

MET, BROKEN, LACKING = "√", "×", "缺"
_CODE_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100-2015
_CODE_WEIGHTS = "1,3,9,27,19,26,16,17,20,29,25,13,8,24,10,30,28,1"
_CODE_PLACES = ",".join(map(str, range(1, 19)))
THIS_ROW = "§"  # stands for a row's number while the formulas of all rows are made at once
_TYPES = {"金额": "p", "数量": "p", "盈亏": "n", "比例": "n", "日期": "d", "是否": "b"}


def fact_reference(field: Field, cell: str, choices: str) -> str:
    """The value of a cell as the rules take it, #N/A when empty or not of the field's type; `choices` is the range of its list."""
    number = {
        "金额": f"IF({cell}<0,NA(),ROUND({cell},6))", "盈亏": f"ROUND({cell},6)", "数量": f"IF({cell}<0,NA(),{cell})", "比例": cell,
        "日期": f"IF(OR({cell}<{SERIALS[0]},{cell}>={SERIALS[1]}),NA(),INT({cell}))"}.get(field.kind)
    if number:
        return f"IF(ISNUMBER({cell}),{number},NA())"
    if field.kind == "是否":
        return f'IF({cell}="是",TRUE(),IF({cell}="否",FALSE(),NA()))'
    if choices:
        return f"IF(ISNA(MATCH({cell},{choices},0)),NA(),{cell})"
    return f'IF({cell}="",NA(),{cell})'


def doubtful(field: Field, cell: str) -> str:
    """Whether a cell holds a value that is hardly meant, as a formula; "" where every value may be."""
    norm = field.usual
    if norm is None:
        return ""
    parts = f",{cell}<>INT({cell})" if norm.whole else ""
    return f"IF(ISNUMBER({cell}),OR({cell}<{number_text(norm.low)},{cell}>{number_text(norm.high)}{parts}),FALSE())"


def type_code(field: Field) -> str:
    """The sign in the hidden row that tells the check of typing what a column holds; empty for free text and lists."""
    return _TYPES.get(field.kind, "")


@dataclass(frozen=True)
class Cells:
    """Where the checks of a row find things, as absolute columns and the row's number, for which THIS_ROW may stand.

    `facts` and `basics` are cells by name, `choices` gives the list of a cell that has to be picked from one, `required` names the
    basic columns that must be filled, `inputs` is the range of all cells to fill and `types` the row of their `type_code`s.
    """

    facts: Mapping[str, str]
    basics: Mapping[str, str]
    choices: Mapping[str, str]
    required: tuple[str, ...]
    inputs: str
    types: str
    conditions: Mapping[str, str]  # condition number → the cell of its mark
    wordings: Mapping[str, str]  # condition number → the heading that words it
    hard_range: str
    ceiling: str
    first: str
    verdict: str
    blank: str  # the test that is true while nothing is asked; empty where something always is

    def unless_blank(self, formula: str) -> str:
        return f'=IF({self.blank},"",{formula})' if self.blank else f"={formula}"


class RowChecks:
    """The formulas of one row of a programme's sheet."""

    def __init__(self, programme: Programme, cells: Cells) -> None:
        self.programme, self.cells = programme, cells
        self.references = {name: fact_reference(programme.fields[name], cell, cells.choices.get(cell, ""))
                           for name, cell in cells.facts.items()}

    def number(self, first_row: int) -> str:
        """The running number, empty while nothing is typed."""
        return f'=IF(COUNTA({self.cells.inputs})=0,"",ROW()-{first_row - 1})'

    def verdict(self) -> str:
        if not self.programme.hard:
            return self.cells.unless_blank('"待核实"')
        marks = self.cells.hard_range
        return self.cells.unless_blank(f'IF(COUNTIF({marks},"{BROKEN}")>0,"不符合",IF(COUNTIF({marks},"{LACKING}")>0,"待核实","符合"))')

    def condition(self, node: Node) -> str:
        return self.cells.unless_blank(f'IFERROR(IF({native(node, self.references)},"{MET}","{BROKEN}"),"{LACKING}")')

    def ceiling(self) -> str:
        return self.cells.unless_blank(f'IFERROR({native_amount(self.programme.ceiling.node, self.references)},"")')

    def first(self) -> str:
        """The first instalment; nothing where a condition is broken."""
        subsidy = f'IF({self.cells.ceiling}="",NA(),{self.cells.ceiling})'
        amount = native_amount(self.programme.first.node, {**self.references, SUBSIDY: subsidy})
        return self.cells.unless_blank(f'IF({self.cells.verdict}="不符合",0,IFERROR({amount},""))')

    def broken(self) -> str:
        """The wording of every condition that is not met."""
        parts = [f'IF({cell}="{BROKEN}",{self.cells.wordings[number]}&"；","")' for number, cell in self.cells.conditions.items()]
        return self.cells.unless_blank("&".join(parts) or '""')

    # --- what is missing ----------------------------------------------------------------------------------------------

    def missing(self) -> str:
        """The empty required cells, and the facts whose absence leaves a condition or the amount open."""
        parts = [f'IF({self.cells.basics[name]}="","{name}；","")' for name in self.cells.required]
        for name, cell in self.cells.facts.items():
            needs = list(dict.fromkeys(self.needs(name)))
            if needs:
                test = needs[0] if len(needs) == 1 else f"OR({','.join(needs)})"
                parts.append(f'IF(IFERROR({cell}="",FALSE()),IF({test},"{name}；",""),"")')
        return self.cells.unless_blank("&".join(parts) or '""')

    def needs(self, name: str) -> list[str]:
        """When a fact is needed, as formulas: while a condition that uses it is open, or an amount."""
        tests = [self.need(f'{self.cells.conditions[condition.number]}="{LACKING}"', condition.rule.node, name)
                 for condition in self.programme.hard if name in condition.rule.names]
        if self.programme.ceiling and name in self.programme.ceiling.names:
            tests.append(self.need(f'{self.cells.ceiling}=""', self.programme.ceiling.node, name))
        if self.programme.first and name in self.programme.first.names:
            tests.append(self.need(f'{self.cells.first}=""', self.programme.first.node, name))
        return tests

    def need(self, is_open: str, node: Node, name: str) -> str:
        """Only the branch that an IF takes can need a fact."""
        test = reached(node, name)
        return f"AND({is_open},IFERROR({native(test, self.references)},FALSE()))" if test else is_open

    # --- what is typed wrongly ----------------------------------------------------------------------------------------

    def faults(self) -> str:
        """Cells that do not hold what is asked for, and columns that contradict each other."""
        types, inputs = self.cells.types, self.cells.inputs
        low, high = SERIALS
        wrong = [f'SUMPRODUCT(({inputs}<>"")*((({types}="p")+({types}="n")+({types}="d"))*(1-ISNUMBER({inputs}))'
                 f'+ISNUMBER({inputs})*(({types}="p")*({inputs}<0)+({types}="d")*(({inputs}<{low})+({inputs}>={high})))'
                 f'+({types}="b")*({inputs}<>"是")*({inputs}<>"否")))']
        wrong += [f'AND({cell}<>"",ISNA(MATCH({cell},{choices},0)))' for cell, choices in self.cells.choices.items()]
        count = "+".join(wrong)
        return self.cells.unless_blank("&".join([f'IF({count}>0,"红色的格填得不对；","")', *self.contradictions()]))

    def contradictions(self) -> list[str]:
        basics = self.cells.basics
        code, fixed, total = (basics.get(name) for name in (CODE, "固定资产投资", "申报项目总投资"))
        start, end, asked = (basics.get(name) for name in ("项目开始时间", "项目结束时间", "项目申请补助资金"))
        found = []
        if code:
            found.append(f'IF({code}="","",IF({code_is_valid(code)},"","{CODE}不对；"))')
        if fixed and total:
            found.append(f'IF(AND(COUNT({fixed},{total})=2,N({fixed})>N({total})),"固定资产投资大于总投资；","")')
        if start and end:
            found.append(f'IF(AND(COUNT({start},{end})=2,N({start})>N({end})),"结束时间早于开始时间；","")')
        if asked and self.cells.ceiling:
            found.append(f'IF(AND(COUNT({asked},{self.cells.ceiling})=2,N({asked})>N({self.cells.ceiling})),"申请补助资金超过补助上限；","")')
        return found


def reached(node: Node, name: str) -> Node | None:
    """The test under which the parts of a formula that name the fact are reached; None: always."""
    if isinstance(node, Call) and node.function == "IF" and name not in names(node.args[0]):
        within = [name in names(arg) for arg in node.args[1:]]
        if within[0] and not any(within[1:]):
            return node.args[0]
        return Call("NOT", node.args[:1]) if not within[0] else None
    inside = [child for child in children(node) if name in names(child)]
    return reached(inside[0], name) if len(inside) == 1 else None


def code_is_valid(cell: str) -> str:
    """Whether a cell holds a 统一社会信用代码, by length and check digit (GB 32100-2015)."""
    signs = f'FIND(MID(UPPER(TRIM({cell})),{{{_CODE_PLACES}}},1),"{_CODE_SIGNS}")-1'
    return f"AND(LEN(TRIM({cell}))=18,IFERROR(MOD(SUMPRODUCT(({signs})*{{{_CODE_WEIGHTS}}}),31),1)=0)"


def fault_test(field: Field, cell: str, choices: str, faults: str) -> str:
    """Whether one cell holds what is not asked for, as the formula that colours it (which may not hold a list of constants)."""
    if field.name == CODE:
        return f'AND({cell}<>"",ISNUMBER(SEARCH("{CODE}",{faults})))'
    if choices or type_code(field):
        return f'AND({cell}<>"",ISNA({fact_reference(field, cell, choices)}))'
    return ""
