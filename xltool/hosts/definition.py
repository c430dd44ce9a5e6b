"""The seven functions as hosts announce them: names, parameters, and what their wizards say."""
from __future__ import annotations

from dataclasses import dataclass

NAMESPACE, CATEGORY = "XLTOOL", "专项资金"


@dataclass(frozen=True, slots=True)
class Parameter:
    """An argument: its ASCII name for the program (no word of VBA or IDL), its Chinese name and its hint for people."""

    name: str
    title: str
    hint: str
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Function:
    """A function: its name, what it gives, its parameters, an example."""

    name: str
    text: str
    parameters: tuple[Parameter, ...]
    example: str


_PROGRAM = Parameter("program", "项目", "项目编号或文件里的全称，如 2026P1-1；也可以是一列，每个项目一个")
_VALUES = Parameter("values", "值", "只写一个数，就是算补助的那个金额；写了标签，就是标签下面（或右边）的值，一个项目一行（或一列）")
_FIELDS = Parameter("labels", "标签", "值上面的一行表头，或左边的一列名称；可以带单位，如“总投入（元）”", optional=True)

FUNCTIONS = (
    Function("SUBSIDY", "可补助金额（万元）；不符合条件时是 0，缺事实时是 #N/A，文件没有写金额时空着", (_PROGRAM, _VALUES, _FIELDS),
             '=SUBSIDY("2026P1-1",1500)'),
    Function("ELIGIBLE", "结论：符合、不符合、待核实", (_PROGRAM, _VALUES, _FIELDS), '=ELIGIBLE("2026P1-1",B2:H2,B$1:H$1)'),
    Function("WHY", "理由：哪一条不满足、差多少、缺什么、出处；别的函数出现 #VALUE! 时说怎么改", (
        _PROGRAM, Parameter("values", "值", "和要问的那个函数的第二个参数一样", optional=True),
        Parameter("labels", "标签", "和要问的那个函数的第三个参数一样", optional=True),
        Parameter("about", "函数", "要问的是 QUOTA_LEFT、PROGRAM、MATCH_PROGRAMS 时写它的名字", optional=True)), '=WHY("2026P1-1",B2:H2,B$1:H$1)'),
    Function("FIRST_PAYMENT", "首付金额（万元）；不符合条件时是 0，缺事实时是 #N/A，不分期或文件没有写首付时空着", (_PROGRAM, _VALUES, _FIELDS),
             '=FIRST_PAYMENT("2026P1-2",B2:K2,B$1:K$1)'),
    Function("QUOTA_LEFT", "还剩几个名额；文件没有写名额时空着", (
        _PROGRAM, Parameter("selected", "已选", "已经选定的项目编号一列；可以再有一列名额分项、一列个数"),
        Parameter("part", "分项", "只看这一个名额分项，也可以是几个", optional=True)), '=QUOTA_LEFT("2026P1-1",A2:A30)'),
    Function("PROGRAM", "一个项目的名称、上限、比例、名额、材料、绩效表、出处等；文件没有写的空着", (
        _PROGRAM, Parameter("item", "内容", "要哪一项：名称、上限、比例、名额、条件、事实、材料、绩效表、出处……")), '=PROGRAM("2026P1-1","上限")'),
    Function("MATCH_PROGRAMS", "一户企业对一版指南全部项目的结论、补助和还缺的事实，最有希望的在前；只写版本，就列出全部项目", (
        Parameter("edition", "版本", "指南的版本，如 2026"),
        Parameter("values", "值", "这户企业的事实，一行或一列", optional=True),
        Parameter("labels", "标签", "事实的名称，在值上面或左边", optional=True)),
        '=MATCH_PROGRAMS("2026",B2:B20,A2:A20)'),
)
