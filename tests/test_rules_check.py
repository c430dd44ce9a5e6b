"""What is found in a formula before any project is seen: names, types, units, branches nobody takes."""
from __future__ import annotations

import pytest

from xltool.rules.check import BOOL, DATE, MONEY, NUMBER, RATIO, TEXT, Type, check_amount, check_condition, infer
from xltool.rules.domain import constant, contradiction, dead_branches, start
from xltool.rules.formula import parse

TYPES = {
    "投入": Type(NUMBER, MONEY), "设备": Type(NUMBER, MONEY), "企业数": Type(NUMBER, "家"), "周期": Type(NUMBER, "年"),
    "月数": Type(NUMBER, "月"), "得分": Type(NUMBER), "占比": Type(NUMBER, RATIO), "开始": Type(DATE), "结束": Type(DATE),
    "已开工": Type(BOOL), "有证": Type(BOOL), "行业": Type(TEXT, None, ("化工", "印染", "其他")),
    "等级": Type(TEXT, None, ("甲", "乙")), "备注": Type(TEXT),
}

SOUND = [
    "投入>=1000", "投入>=1000万元", "投入>=设备*50%", "设备/投入>=30%", "占比>=0.6", "占比>60%", "企业数>=30", "企业数>=30家", "周期<=3年",
    "投入/企业数>=10", "企业数*200>=投入", "开始>=DATE(2025,1,1)", "结束<=EDATE(开始,24)", "结束<=EDATE(开始,月数)",
    "结束-开始<=365", "结束-开始<=365天", "开始+30<=结束", "YEAR(开始)=2025", "YEAR(开始)=2025年", "MONTH(开始)>=6", 'DATEDIF(开始,结束,"M")<=24',
    'DATEDIF(开始,结束,"Y")<=周期', "已开工", "已开工=是", "已开工=有证", "NOT(已开工)", 'OR(行业="化工",已开工)', 'OR(行业={"化工","印染"})',
    'AND(行业<>{"化工","印染"})', "IF(已开工,投入>=1,有证)", "IF(已开工,有证)", 'IFNA(行业,"其他")="其他"', 'IF(已开工,行业,"未知")="未知"',
    'IFS(行业="化工",投入>=1,TRUE,投入>=2)', '备注="无"', '备注&"x"="yx"', "MAX(投入,设备)>=IF(已开工,1,2)", "ROUND(投入,2)>=ROUND(设备,-2)",
    "ABS(投入-设备)<=10", "INT(投入/100)>=3", "MIN(开始,结束)>=2025-01-01", "OR(企业数={1,2,3})", "得分^2>=4", "投入>=IFNA(设备,0)",
    "SUM(投入,设备,100)>=200",
]


@pytest.mark.parametrize("text", SOUND)
def test_a_sound_condition_has_no_problem(text):
    assert check_condition(parse(text), TYPES) == []


UNSOUND = {
    # names
    "项目投入>=1000": ("rule.name", "没有这个字段；是不是“投入”"),
    "x>=1000": ("rule.name", "请先在字段表里登记"),
    # result
    "投入": ("rule.type", "结果是金额（万元），应为是或否"),
    "占比": ("rule.type", "结果是比例"),
    "开始": ("rule.type", "结果是日期"),
    "投入*10%": ("rule.type", "不能作为条件"),
    "1000": ("rule.type", "不能作为条件"),
    # typing that is not a number
    "投入>=1000左右": ("rule.syntax", "1000左右”：不能作为条件里的数"),
    "投入>=500万元以上": ("rule.syntax", "500万元以上"),
    # chained comparison
    "1000<=投入<=5000": ("rule.type", "不能连着比较；请写成 AND"),
    "(投入>1)=TRUE": ("rule.type", "不能连着比较"),
    # kinds
    "开始>=1000": ("rule.type", "日期不能和数值比较"),
    "开始>=投入": ("rule.type", "日期不能和金额（万元）比较"),
    '投入>="1000"': ("rule.type", "金额（万元）不能和文字比较"),
    "已开工=1": ("rule.type", "是否不能和数值比较"),
    "已开工>有证": ("rule.type", "是否不能比大小"),
    '行业>"化工"': ("rule.type", "文字不能比大小"),
    "行业=1": ("rule.type", "文字不能和数值比较"),
    "投入+已开工>=1": ("rule.type", "是是否，不能用来计算"),
    "-开始>1": ("rule.type", "此处应为数值"),
    "开始*2>结束": ("rule.type", "日期不能和数值做“*”运算"),
    "开始+结束>结束": ("rule.type", "做“+”运算"),
    "开始+投入>结束": ("rule.type", "做“+”运算"),
    "NOT(投入)": ("rule.type", "此处应为是否"),
    "AND(已开工,投入)": ("rule.type", "此处应为是否"),
    "IF(投入,已开工,有证)": ("rule.type", "此处应为是否"),
    "IF(已开工,投入,有证)=投入": ("rule.type", "作为同一个 IF 的结果"),
    "IF(已开工,投入)>=1": ("rule.function", "缺少条件不成立时的结果"),
    "MIN(已开工,有证)": ("rule.type", "不能求 MIN"),
    "SUM(开始,结束)>=1": ("rule.type", "不能求 SUM"),
    "MIN(投入,开始)>=1": ("rule.type", "放在同一个 MIN 里"),
    'IFNA(投入,"无")=1': ("rule.type", "放在同一个 IFNA 里"),
    "YEAR(投入)=2025": ("rule.type", "此处应为日期"),
    "EDATE(开始,结束)>结束": ("rule.type", "此处应为数值"),
    'DATEDIF(开始,结束,"YM")>1': ("rule.function", "第三个参数应为"),
    "DATEDIF(开始,结束,1)>1": ("rule.function", "第三个参数应为"),
    "OR(行业={1})": ("rule.type", "是数值，行业是文字"),
    "行业={\"化工\"}": ("rule.type", "花括号只能用在"),
    "AND(行业={\"化工\"})": ("rule.type", "花括号只能用在"),
    "OR(行业<>{\"化工\"})": ("rule.type", "花括号只能用在"),
    "{1,2}=企业数": ("rule.type", "花括号只能跟在"),
    # units
    "企业数>=500万元": ("rule.unit", "数值（家）不能和金额（万元）比较"),
    "投入>=30家": ("rule.unit", "金额（万元）不能和数值（家）比较"),
    "投入>=占比": ("rule.unit", "金额（万元）不能和比例比较"),
    "投入+企业数>=1": ("rule.unit", "相加减"),
    "投入*设备>=1": ("rule.unit", "金额不能乘以金额"),
    "投入^2>=1": ("rule.unit", "乘方"),
    "周期<=24月": ("rule.unit", "数值（年）不能和数值（月）比较"),
    "IF(已开工,投入,企业数)>=1": ("rule.unit", "作为同一个 IF 的结果"),
    "结束<=EDATE(开始,周期)": ("rule.unit", "第二个参数应为月数；年数请乘以12"),
    "占比>=60": ("rule.unit", "60 就是 6000%；请写成 60%"),
    "60<=占比": ("rule.unit", "请写成 60%"),
    # choices
    '行业="化工厂"': ("rule.type", "不是“行业”的选项；选项有：化工、印染、其他"),
    '"化工厂"=行业': ("rule.type", "不是“行业”的选项"),
    '行业<>"化工 "': ("rule.type", "不是“行业”的选项"),
    'OR(行业={"化工","电镀"})': ("rule.type", "“\"电镀\"”：不是“行业”的选项"),
    'IFNA(行业,"其他")="化工厂"': ("rule.type", "不是“IFNA(行业,\"其他\")”的选项"),
    'IF(已开工,行业,"其他")="无"': ("rule.type", "选项有：化工、印染、其他"),
    "行业=等级": ("rule.type", "不是“行业”的选项"),
    # what a comma makes of a thousands separator
    "MIN(投入,1,500)>=1": ("rule.function", "有两个常数；请合并；千分位的逗号请去掉"),
    "MAX(投入*10%,2,500)>=1": ("rule.function", "有两个常数"),
    "SUM(投入,1,500)>=1": ("rule.function", "有两个常数"),
    # constants that have no value
    "开始>=DATE(2025,2,30)": ("rule.syntax", "没有这一天"),
    "开始>=DATE(25,1,1)": ("rule.syntax", "没有这一天"),
    "ROUND(投入,得分)>=1": ("rule.function", "小数位数应为"),
    "ROUND(投入,1.5)>=1": ("rule.function", "小数位数应为"),
    "ROUND(投入,500)>=1": ("rule.function", "小数位数应为"),
}


@pytest.mark.parametrize("text", UNSOUND)
def test_an_unsound_condition_says_what_is_wrong(text):
    code, words = UNSOUND[text]
    problems = check_condition(parse(text), TYPES)
    assert [problem.code for problem in problems] == [code]
    assert words in str(problems[0])


def test_all_problems_of_a_formula_come_in_one_pass():
    problems = check_condition(parse('AND(x>=1,行业="无",已开工>有证,投入>=1000左右)'), TYPES)
    assert [problem.code for problem in problems] == ["rule.name", "rule.type", "rule.type", "rule.syntax"]


@pytest.mark.parametrize(("text", "code"), [
    ("MIN(投入*10%,200)", None), ("企业数*2", None), ("企业数", "rule.unit"), ("200", None), ("投入/设备", "rule.unit"), ("占比", "rule.unit"),
    ("开始", "rule.type"), ("已开工", "rule.type"), ("行业", "rule.type"), ("IF(已开工,200,100)", None), ("IF(已开工,200)", "rule.function"),
    ("结束-开始", "rule.unit"), ("投入-设备", None),
])
def test_an_amount_is_money(text, code):
    assert [problem.code for problem in check_amount(parse(text), TYPES)] == ([code] if code else [])


@pytest.mark.parametrize(("text", "unit"), [
    ("投入*10%", MONEY), ("10%*投入", MONEY), ("投入/2", MONEY), ("投入/设备", RATIO), ("投入/企业数", None), ("企业数*2", None),
    ("占比*占比", RATIO),
    ("投入-设备", MONEY), ("投入+1", MONEY), ("1+投入", MONEY), ("2*3", None), ("结束-开始", "天"), ("YEAR(开始)", "年"), ("-投入", MONEY),
    ("企业数*50%", "家"), ("得分^2", None), ("占比^2", RATIO),
])
def test_units_follow_the_arithmetic(text, unit):
    found, problems = infer(parse(text), TYPES)
    assert (found, problems) == (Type(NUMBER, unit), [])


# --- branches and contradictions --------------------------------------------------------------------------------------

BOX = start(TYPES)


@pytest.mark.parametrize(("text", "dead"), [
    ("IF(投入>=1000,IF(投入<500,1,2),3)", "1"),
    ("IF(投入>=0,1,2)", "2"),
    ('IF(行业="化工",1,IF(行业="化工",2,3))', "2"),
    ('IFS(行业="化工",1,行业="印染",2,行业="其他",3,TRUE,4)', "4"),
    ("IFS(TRUE,1,已开工,2)", "2"),
    ("IF(AND(投入>10,投入<5),1,2)", "1"),
    ("IF(开始<DATE(2025,1,1),IF(开始>=DATE(2025,1,1),1,2),3)", "1"),
    ("IF(已开工,IF(NOT(已开工),1,2),3)", "1"),
    ("IF(2>1,1,2)", "2"),
    ('OR(已开工,AND(行业="化工",行业="印染"))', 'AND(行业="化工",行业="印染")'),
    ("AND(已开工,投入<0)", "投入<0"),
    ('IF(OR(行业={"化工","印染"}),IF(AND(行业<>{"化工","印染"}),1,2),3)', "1"),
])
def test_a_branch_nobody_can_take_is_found(text, dead):
    problems = list(dead_branches(parse(text), BOX))
    assert dead in [problem.found for problem in problems]
    assert {problem.code for problem in problems} == {"rule.unreachable"}


@pytest.mark.parametrize("text", [
    "IF(投入>=1000,IF(投入<5000,1,2),3)", 'IFS(行业="化工",1,行业="印染",2,TRUE,3)', 'IF(OR(行业={"化工","印染"}),IF(行业="化工",1,2),3)',
    'OR(行业="化工",AND(行业="印染",投入>5))', "IF(占比<0,1,2)", "IF(投入>0,1,2)", "IF(投入=0,1,2)", "IF(AND(投入>=10,投入<=10),1,2)",
    'IFS(行业="化工",1,已开工,2,有证,3)', "IF(投入<>设备,1,2)",
])
def test_branches_somebody_can_take_are_left_alone(text):
    assert list(dead_branches(parse(text), BOX)) == []


@pytest.mark.parametrize(("text", "words"), [
    ("投入>=0", "所有项目都满足"), ("OR(已开工,NOT(已开工))", "所有项目都满足"), ('OR(行业={"化工","印染","其他"})', "所有项目都满足"),
    ("投入<0", "没有项目能满足"), ("AND(投入>=10,投入<10)", "没有项目能满足"), ('AND(行业="化工",行业="印染")', "没有项目能满足"),
    ("TRUE", "所有项目都满足"), ("AND(开始>=2025-01-01,开始<2025-01-01)", "没有项目能满足"), ("1>2", "没有项目能满足"),
    ("1+1=2", "所有项目都满足"), ("投入>0", None),
    ("占比>=0", None), ("投入>=设备", None), ("OR(投入>5,投入<=5)", "所有项目都满足"), ("OR(投入>5,投入<5)", None),
])
def test_a_condition_for_all_or_for_nobody_is_found(text, words):
    problem = constant(parse(text), BOX)
    assert problem is None if words is None else problem.code == "rule.constant" and words in problem.expected


@pytest.mark.parametrize(("conditions", "clash"), [
    (["投入>=1000", "投入<=500"], ("1", "2")), (["投入>=1000", "已开工", "投入<1000"], ("1", "3")),
    (["开始>=2025-01-01", "开始<=2024-12-31"], ("1", "2")), (["行业=\"化工\"", "OR(行业={\"印染\",\"其他\"})"], ("1", "2")),
    (["已开工", "NOT(已开工)"], ("1", "2")), (['AND(行业<>{"化工"})', '行业<>"印染"', '行业<>"其他"'], ("1、2", "3")),
    (["投入>=1000", "投入<=1000"], None), (["投入>=1000", "设备<=500"], None), (["OR(已开工,有证)", "NOT(已开工)"], None),
])
def test_conditions_nobody_can_meet_together_are_found(conditions, clash):
    numbered = [(str(number), parse(text)) for number, text in enumerate(conditions, 1)]
    assert contradiction(numbered, BOX) == clash
