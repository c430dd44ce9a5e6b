"""What an edition of the guideline is: programmes with their facts, conditions, amounts, quotas, forms and tables.

Plain frozen data, the same whether it comes from a guideline workbook or from data shipped inside an add-in. A formula is parsed
once, when the edition is loaded.
"""
from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from .check import BOOL, DATE, MONEY, NUMBER, RATIO, TEXT, Type, nearest
from .doubt import Usual, usual
from .evaluate import Evaluator, Value, compile_scalar
from .formula import Binary, Call, Name, Node, Number, Unary, canonical, half_width, names, parse
from .problems import NOWHERE, Where

EDITION_OF = re.compile(r"(\d{4}(?:Q\d)?)P")  # a programme id starts with its edition
COMMON_CONDITIONS = "共同条件"  # the mode of a management measure: nobody applies to it, others come under it
_BRACKETS = re.compile("[()]")
SUBSIDY = "补助"  # in a first-instalment formula: the subsidy itself
APPROVED = "批复专项资金"  # the list column of what was approved; in an acceptance formula: that amount


class Formula:
    """A parsed rule; its text is plain Excel, its function is compiled when first used."""

    def __init__(self, node: Node) -> None:
        self.node = node

    @classmethod
    def parse(cls, text: str) -> Formula:
        return cls(parse(text))

    @cached_property
    def text(self) -> str:
        return canonical(self.node)

    @cached_property
    def names(self) -> tuple[str, ...]:
        return names(self.node)

    @cached_property
    def evaluate(self) -> Evaluator:
        return compile_scalar(self.node)

    def __repr__(self) -> str:
        return f"Formula({self.text!r})"


KINDS = {"金额": NUMBER, "盈亏": NUMBER, "数量": NUMBER, "比例": NUMBER, "日期": DATE, "是否": BOOL, "选项": TEXT, "文字": TEXT}


@dataclass(frozen=True, slots=True)
class Field:
    """A fact or a column of the project list. `kind` is a key of KINDS; money is in 万元 (盈亏: may be negative), a share a fraction."""

    name: str
    kind: str
    unit: str = ""
    choices: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    note: str = ""

    @property
    def type(self) -> Type:
        unit = {"金额": MONEY, "盈亏": MONEY, "比例": RATIO, "数量": self.unit or None}.get(self.kind)
        return Type(KINDS[self.kind], unit, self.choices)

    @property
    def usual(self) -> Usual | None:
        """The values it usually has, None where any is usual."""
        return usual(self.name, self.kind, self.unit)

    def doubt(self, value: Value) -> str:
        """What is doubtful about a value that can be read, in words; "" where nothing is."""
        return self.usual.doubt(value) if isinstance(value, float) and self.usual else ""

    @property
    def unit_text(self) -> str:
        """The unit as people read it after a number; a share is written with %, not with a unit."""
        return "" if self.kind == "比例" else self.unit


@dataclass(frozen=True)
class Condition:
    """A condition of a programme. `when`: it applies only then, and is met otherwise. Soft ones never decide.

    `where` and `where_when` are the cells of the two formulas.
    """

    number: str
    text: str
    formula: Formula
    when: Formula | None = None
    hard: bool = True
    cite: str = ""
    where: Where = NOWHERE
    where_when: Where = NOWHERE

    @cached_property
    def rule(self) -> Formula:
        """The whole condition as one formula: it does not apply, or it is met."""
        if self.when is None:
            return self.formula
        return Formula(Call("OR", (Call("NOT", (self.when.node,)), self.formula.node)))


@dataclass(frozen=True, slots=True)
class QuotaPart:
    """A limit on the number of projects: the whole programme (`part` empty) or one part of it.

    `count` names the fact that says how many places one project takes (装备, 产品); empty: one. `each`: the limit holds for
    every recommending unit (or task) of the part on its own, so parts have no common total. `member`: the part is this programme of the
    group; of a total: only this one takes places.
    """

    part: str = ""
    member: str = ""
    maximum: int | None = None
    minimum: int | None = None
    count: str = ""
    each: bool = False
    note: str = ""
    cite: str = ""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `maximum` of some programmes for the same enterprise, project, … (`same`): 不重复支持, 限报1项.

    A group among `programmes` stands for its members. Soft ones (原则上) never decide.
    """

    programmes: tuple[str, ...]
    same: str
    maximum: int
    hard: bool
    text: str
    cite: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """A material to hand in, a review point or a contact line: a title, a text and where it stands."""

    title: str
    text: str = ""
    cite: str = ""


@dataclass(frozen=True)
class Programme:
    """One programme, or a group of programmes (`members`) that share a quota."""

    id: str
    number: str
    title: str
    direction: str = ""
    parent: str = ""
    mode: str = ""
    support: str = ""
    standard: str = ""
    ceiling: Formula | None = None
    first: Formula | None = None
    applicant: str = ""
    department: str = ""
    opens: str = ""  # ISO dates of the application window, or months (2024-11) where the document gives no day
    closes: str = ""
    window: str = ""  # the window as the document words it
    form: str = ""
    follows: tuple[str, ...] = ()  # what it was in earlier editions
    cite: str = ""
    readings: tuple[str, ...] = ()
    fields: Mapping[str, Field] = field(default_factory=dict)
    conditions: tuple[Condition, ...] = ()
    quota: tuple[QuotaPart, ...] = ()
    materials: tuple[Note, ...] = ()
    review: tuple[Note, ...] = ()
    members: tuple[str, ...] = ()

    def own_name(self, fact: str) -> str:
        """A fact of this programme where other programmes have one of the same name."""
        return f"{self.id}:{fact}"

    @property
    def edition(self) -> str:
        """The id of the edition this programme stands in."""
        return EDITION_OF.match(self.id)[1]

    @cached_property
    def hard(self) -> tuple[Condition, ...]:
        return tuple(condition for condition in self.conditions if condition.hard)

    @cached_property
    def norms(self) -> dict[str, Usual]:
        """The facts that have usual values, by name."""
        return {name: norm for name, field in self.fields.items() if (norm := field.usual)}

    def under(self, common: Programme) -> Programme:
        """This programme with the common conditions of a management measure, whose numbers then start with 办法."""
        if common.id == self.id:
            return self
        conditions = tuple(replace(condition, number=f"办法{condition.number}") for condition in common.conditions)
        return replace(self, fields={**common.fields, **self.fields}, conditions=(*self.conditions, *conditions))

    @cached_property
    def rate_and_cap(self) -> tuple[float | None, float | None]:
        """Rate (a fraction) and cap (万元) where the formula has the plain shape MIN(basis*rate,cap)."""
        node = self.ceiling.node if self.ceiling else None
        cap = None
        if isinstance(node, Call) and node.function == "MIN" and len(node.args) == 2 and isinstance(node.args[1], Number):
            node, cap = node.args[0], node.args[1].value
        if isinstance(node, Binary) and node.op == "*" and isinstance(node.left, Name) and not names(node.right):
            rate = node.right if isinstance(node.right, Unary) and node.right.op == "%" else None
            return rate and compile_scalar(rate)({}), cap
        return None, cap


@dataclass(frozen=True, slots=True)
class Indicator:
    """A row of a performance form. `label` is the printed text where it is more than name and unit.

    `group` gathers rows for one type of project, `options` are the answers the form prints to choose from.
    """

    level1: str
    level2: str
    name: str
    unit: str = ""
    core: bool = False
    preset: str = ""
    hint: str = ""
    parent: str = ""
    kind: str = ""
    label: str = ""
    group: str = ""
    options: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        """A printed row of dots, which the applicant may use for more of the same."""
        return not self.name.strip("…")

    @property
    def printed(self) -> str:
        """The third-level cell as the official form prints it: name, hint, unit in brackets, star."""
        text = self.label or self.name + (f"（{self.hint}）" if self.hint else "") + (f"（{self.unit}）" if self.unit else "")
        return text + ("*" if self.core else "")


@dataclass(frozen=True, slots=True)
class Form:
    """A performance form (绩效目标申报表) as data."""

    id: str
    title: str
    year_line: str
    header: tuple[str, ...]
    presets: Mapping[str, str]
    header_notes: Mapping[str, str]
    value_columns: tuple[str, ...]
    common_section: str
    custom_section: str
    custom_rows: int
    custom_preset: str
    group_minimum: int  # so many rows of a group must be filled once one is
    one_group: bool  # a project fills one group only
    notes: tuple[str, ...]
    indicators: tuple[Indicator, ...]


@dataclass(frozen=True, slots=True)
class SummaryTable:
    """An official summary table (附件2-x 汇总表): one per direction."""

    number: str
    direction: str
    title: str
    base_year: int


@dataclass(frozen=True, slots=True)
class Document:
    """A letter or check sheet printed for every project (附件3 信用承诺书), laid out by a Word template.

    `columns`: the list columns it shows, `presets`: what it prints the same for every project, by name. `acceptance` says who
    organises the acceptance check, over the fact APPROVED.
    """

    number: str
    name: str
    title: str
    template: str
    columns: tuple[str, ...] = ()
    presets: Mapping[str, str] = field(default_factory=dict)
    acceptance: Formula | None = None
    cite: str = ""


@dataclass(frozen=True, slots=True)
class Contact:
    """The offices responsible for some programmes."""

    direction: str
    field: str
    subfield: str
    province_office: str
    province_phone: str
    city_office: str
    city_phone: str
    programmes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """A test case kept beside the rules: facts as typed, and the results the document demands."""

    programme: str
    number: str
    note: str
    facts: Mapping[str, str]
    verdict: str
    ceiling: float | None
    subsidy: float | None
    first: float | None
    failed: tuple[str, ...]
    where: Where = NOWHERE


def title_key(title: str) -> str:
    """A title without what people leave out or type differently: spaces, quotes, brackets' width, a closing 项目."""
    key = re.sub(r"[\s“”\"'‘’《》]", "", half_width(title)).casefold()
    return key.removesuffix("项目") or key


@dataclass(frozen=True)
class Edition:
    """One edition of the guideline."""

    id: str
    title: str
    year: int
    source: str
    city: str = ""
    checked: str = ""
    programmes: Mapping[str, Programme] = field(default_factory=dict)
    columns: Mapping[str, Field] = field(default_factory=dict)
    forms: Mapping[str, Form] = field(default_factory=dict)
    tables: tuple[SummaryTable, ...] = ()
    documents: tuple[Document, ...] = ()
    contacts: tuple[Contact, ...] = ()
    limits: tuple[Limit, ...] = ()
    cases: tuple[Case, ...] = ()
    file: str = ""
    sha256: str = ""

    @cached_property
    def shared_facts(self) -> frozenset[str]:
        """Names several programmes use, each for its own project: 项目开始时间, 入选年度. They have the same kind and choices."""
        counts = Counter(name for programme in self.programmes.values() for name in programme.fields)
        return frozenset(name for name, count in counts.items() if count > 1)

    @cached_property
    def fact_names(self) -> tuple[str, ...]:
        """The names of all facts."""
        return tuple(dict.fromkeys(name for programme in self.programmes.values() for name in programme.fields))

    @cached_property
    def whole(self) -> Programme:
        """A stand-in that knows every fact of the edition, for what an enterprise states once for all programmes.

        A shared fact can be stated for one programme alone, under its `own_name`.
        """
        fields: dict[str, Field] = {}
        for programme in self.programmes.values():
            for name, fact in programme.fields.items():
                fields[name] = fact
                if name in self.shared_facts:
                    fields[programme.own_name(name)] = replace(fact, name=programme.own_name(name), aliases=())
        return Programme(id=self.id, number="", title=self.title, fields=fields)

    def under(self, common: Programme, limits: tuple[Limit, ...] = ()) -> Edition:
        """This edition with the common conditions in every programme; `limits` of the measure then hold for all of them."""
        programmes = {name: programme if programme.members else programme.under(common) for name, programme in self.programmes.items()}
        return replace(self, programmes=programmes, limits=(*self.limits, *(replace(limit, programmes=tuple(programmes)) for limit in limits)))

    @cached_property
    def by_title(self) -> Mapping[str, tuple[Programme, ...]]:
        found: dict[str, tuple[Programme, ...]] = {}
        for programme in self.programmes.values():
            for key in {title_key(programme.title), title_key(programme.title.split("（")[0])}:
                found[key] = (*found.get(key, ()), programme)
        return found

    def find(self, name: str) -> Programme | None:
        """The programme or group with this id or official title (with or without 项目, spaces, full or half width)."""
        wanted = half_width(name).strip()
        if wanted.upper() in self.programmes:
            return self.programmes[wanted.upper()]
        found = self.by_title.get(title_key(wanted), ())
        exact = [programme for programme in found if title_key(programme.title) == title_key(wanted)]
        best = exact or list(found)
        return best[0] if len(best) == 1 else None

    def near(self, name: str) -> list[str]:
        """The ids and titles nearest to a name that was not found."""
        labels: dict[str, str] = {}
        for programme in self.programmes.values():
            labels[programme.id] = labels[title_key(programme.title)] = f"{programme.id} {programme.title}"
        same = [f"{programme.id} {programme.title}" for programme in self.by_title.get(title_key(name), ())]
        wanted = title_key(name)
        part = _BRACKETS.sub("", wanted)
        held = [label for key, label in labels.items() if part in _BRACKETS.sub("", key).casefold()] if len(part) > 1 else []
        keys = same or held or [labels[key] for key in nearest(wanted.upper(), tuple(labels)) + nearest(wanted, tuple(labels))]
        return list(dict.fromkeys(keys))[:4]
