"""The rule language and what it decides: runs inside every host, on the standard library alone."""
from .assess import ELIGIBLE, INELIGIBLE, OPEN, Assessment, assess
from .facts import read_facts, read_value
from .formula import FormulaError, canonical, parse
from .model import Edition, Formula, Programme
from .native import native, native_amount
from .problems import Problem, ProblemsError, Where
from .quota import Left, UnknownPart, places_left

__all__ = [
    "ELIGIBLE", "INELIGIBLE", "OPEN", "Assessment", "Edition", "Formula", "FormulaError", "Left", "Problem", "ProblemsError",
    "Programme", "UnknownPart", "Where", "assess", "canonical", "native", "native_amount", "parse", "places_left", "read_facts",
    "read_value",
]
