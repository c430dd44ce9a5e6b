"""A missing fact is #N/A: how it spreads, where it is settled, and what the operators answer."""
from __future__ import annotations

import itertools

import pytest

from xltool.rules.evaluate import compile_scalar
from xltool.rules.formula import parse

T, F, N = True, False, None


def value(text, **facts):
    return compile_scalar(parse(text))(facts)


AND = {(T, T): T, (T, F): F, (F, T): F, (F, F): F, (T, N): N, (N, T): N, (F, N): F, (N, F): F, (N, N): N}
OR = {(T, T): T, (T, F): T, (F, T): T, (F, F): F, (T, N): T, (N, T): T, (F, N): N, (N, F): N, (N, N): N}


@pytest.mark.parametrize(("a", "b"), AND)
def test_and_is_settled_by_a_known_no_and_or_by_a_known_yes(a, b):
    assert value("AND(a,b)", a=a, b=b) is AND[a, b]
    assert value("OR(a,b)", a=a, b=b) is OR[a, b]


@pytest.mark.parametrize(("a", "b", "c"), list(itertools.product([T, F, N], repeat=3)))
def test_logic_of_three_is_that_of_two_twice_and_de_morgan_holds(a, b, c):
    facts = {"a": a, "b": b, "c": c}
    assert value("AND(a,b,c)", **facts) is value("AND(a,AND(b,c))", **facts) is value("NOT(OR(NOT(a),NOT(b),NOT(c)))", **facts)
    assert value("OR(a,b,c)", **facts) is value("OR(OR(a,b),c)", **facts) is value("NOT(AND(NOT(a),NOT(b),NOT(c)))", **facts)


@pytest.mark.parametrize(("text", "expected"), [
    ("NOT(a)", N), ("NOT(t)", F), ("NOT(f)", T), ("AND(a)", N), ("OR(t)", T),
    # IF looks only at the branch it takes; its test must be known
    ("IF(t,1,a)", 1.0), ("IF(f,a,2)", 2.0), ("IF(t,a,2)", N), ("IF(a,1,1)", N), ("IF(t,t)", T), ("IF(f,t)", F), ("IF(a,t)", N),
    ("IFS(f,a,t,2)", 2.0), ("IFS(t,1,a,2)", 1.0), ("IFS(a,1,t,2)", N), ("IFS(f,1,f,2)", N),
    # IFNA turns a missing fact, and only that, into a value
    ("IFNA(a,5)", 5.0), ("IFNA(1,a)", 1.0), ("IFNA(a,a)", N), ("IFNA(a+1,5)", 5.0), ("IFNA(1/0,5)", 5.0), ("IFNA(f,t)", F),
    # everything else spreads it
    ("a+1", N), ("1-a", N), ("a*0", N), ("a/1", N), ("1/a", N), ("a^0", N), ("a%", N), ("-a", N), ('a&"x"', N), ("MIN(a,1)", N),
    ("MAX(1,a)", N), ("SUM(1,a)", N), ("ROUND(a,2)", N), ("ABS(a)", N), ("INT(a)", N), ("a=a", N), ("a<>1", N), ("a>=1", N),
    ("DATE(a,1,1)", N), ("EDATE(a,1)", N), ("YEAR(a)", N), ("MONTH(a)", N), ('DATEDIF(a,DATE(2025,1,1),"D")', N),
    ('OR(a={"x","y"})', N), ('AND(a<>{"x","y"})', N), ("t=a", N),
])
def test_a_missing_fact_spreads_unless_the_answer_is_settled(text, expected):
    found = value(text, t=True, f=False, a=None)
    assert found == expected and type(found) is type(expected)


def test_an_absent_fact_and_none_are_the_same():
    assert value("a>=1") is value("a>=1", a=None) is None
    assert value("OR(a,t)", t=True) is True


@pytest.mark.parametrize(("text", "expected"), [
    ("1+2*3", 7.0), ("(1+2)*3", 9.0), ("2^3^2", 64.0), ("-2^2", 4.0), ("10-4-3", 3.0), ("12/4/3", 1.0), ("50%*4", 2.0), ("200%%", 0.02),
    ("1+1=2", True), ("2>1", True), ("1&2", "12"), ('"a"&1.5&TRUE', "a1.5TRUE"), ("MIN(3,1,2)", 1.0), ("MAX(3,1,2)", 3.0),
    ("SUM(1,2,3)", 6.0), ("ABS(-2)", 2.0), ("INT(-1.5)", -2.0), ("ROUND(-1.5,0)", -2.0), ("ROUND(1250,-2)", 1300.0),
    ('"a"="a"', True), ('"a"="b"', False), ('OR("b"={"a","b"})', True), ('AND("b"<>{"a","b"})', False), ("OR(2={1,2})", True),
    ("TRUE=FALSE", False), ("TRUE<>FALSE", True), ("MIN(DATE(2025,1,1),DATE(2024,1,1))=DATE(2024,1,1)", True),
    ("DATE(2025,3,1)-DATE(2025,2,1)", 28.0),
])
def test_operators_and_functions_answer_as_in_excel(text, expected):
    assert value(text) == expected
