"""The same two programmes as an OpenFisca model: one entity, a variable per fact, per condition, and for the answers.

OpenFisca has no missing value, so truth values and choices travel as small integers (as in `rules_by_hand`),
amounts and dates use NaN and NaT. It keeps amounts in float32: 999.999999万元 becomes 1000, and results carry about
seven digits; the comparison with xltool therefore allows a relative 1e-6 and counts the verdicts that differ. Every
condition is a variable, so the reasons stay in the simulation as xltool's statuses do.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping

import numpy as np
from openfisca_core.entities import build_entity
from openfisca_core.periods import DateUnit
from openfisca_core.simulation_builder import SimulationBuilder
from openfisca_core.simulations import Simulation
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable
from rules_by_hand import NO, RENEWAL_START, YEAR_END, YEAR_START, one_of, status, when

PERIOD = "2026"
Facts = Callable[[str], np.ndarray]
Formula = Callable[[Facts], np.ndarray]


def at_least(left: np.ndarray, right: object) -> np.ndarray:
    return status(left >= right, unknown(left) | unknown(right))


def at_most(left: np.ndarray, right: object) -> np.ndarray:
    return status(left <= right, unknown(left) | unknown(right))


def earlier(left: np.ndarray, right: object) -> np.ndarray:
    return status(left < right, unknown(left) | unknown(right))


def unknown(value: object) -> np.ndarray:
    array = np.asarray(value)
    return np.isnat(array) if array.dtype.kind == "M" else np.isnan(array)


CONDITIONS_1_1: dict[str, Formula] = {
    "1a": lambda f: f("工信领域企业"),
    "1b": lambda f: f("建有研发机构"),
    "2a": lambda f: at_least(f("项目开始时间"), f("研发机构设立时间")),
    "2b": lambda f: at_least(f("项目开始时间"), YEAR_START),
    "2c": lambda f: at_most(f("项目开始时间"), YEAR_END),
    "2d": lambda f: at_least(f("项目结束时间"), YEAR_START),
    "2e": lambda f: at_most(f("项目结束时间"), YEAR_END),
    "2f": lambda f: f("购置用于研发机构建设"),
    "2g": lambda f: at_least(f("研发设备及配套软件购置额"), 1000),
}
CONDITIONS_2_1: dict[str, Formula] = {
    "主体a": lambda f: one_of(f("行业"), 0, 1, 2, 3),
    "1a": lambda f: one_of(f("项目类型"), 0, 1),
    "1b": lambda f: when(one_of(f("项目类型"), 0), f("腾退原有老旧设备")),
    "1c": lambda f: when(one_of(f("项目类型"), 0), f("采用先进工艺技术和装备")),
    "1d": lambda f: when(one_of(f("项目类型"), 1), f("对现有生产线设备更新或工艺优化")),
    "1e": lambda f: when(improved_dyeing(f), f("淘汰老旧设备")),
    "2": lambda f: f("园区符合界定"),
    "3a": lambda f: at_least(f("项目开始时间"), RENEWAL_START),
    "3b": lambda f: earlier(f("项目开始时间"), f("指南印发时间")),
    "3c": lambda f: at_least(f("完成验收时间"), RENEWAL_START),
    "3d": lambda f: earlier(f("完成验收时间"), f("指南印发时间")),
    "4a": lambda f: when(one_of(f("行业"), 0, 1), at_least(f("项目设备投入"), 1000)),
    "4b": lambda f: when(one_of(f("行业"), 2, 3), at_least(f("项目设备投入"), 500)),
    "5a": lambda f: f("相关手续完备"),
    "5b": lambda f: f("符合产业政策和法律法规"),
    "5c": lambda f: when(np.minimum(improved_dyeing(f), f("位于太湖流域")), f("符合太湖水污染防治条例")),
    "材料4a": lambda f: when(
        np.minimum(one_of(f("行业"), 0), one_of(f("项目类型"), 1)), f("未获化工老旧装置更新改造补助")
    ),
    "材料4b": lambda f: when(
        np.minimum(one_of(f("行业"), 0), f("涉及沿江化工园区")), f("不涉及长江干支流岸线一公里范围")
    ),
}
MODELS: dict[str, tuple[dict[str, Formula], Formula]] = {
    "2026P1-1": (CONDITIONS_1_1, lambda f: np.minimum(f("研发设备及配套软件购置额") * 0.1, 200)),
    "2026P2-1": (CONDITIONS_2_1, lambda f: np.minimum(f("项目总投资") * 0.15, 600)),
}


def improved_dyeing(f: Facts) -> np.ndarray:
    return np.minimum(one_of(f("行业"), 1), one_of(f("项目类型"), 1))


class Model:
    """A programme as a tax and benefit system, made once; a simulation is made per run."""

    def __init__(self, programme: str, columns: Mapping[str, np.ndarray]) -> None:
        conditions, ceiling = MODELS[programme]
        self.entity = build_entity("project", "projects", "申报项目", is_person=True)
        self.system = TaxBenefitSystem([self.entity])
        self.conditions = [f"condition_{number}" for number in conditions]
        for name, column in columns.items():
            self.add(name, {"f": float, "M": dt.date}.get(column.dtype.kind, int))
        for name, formula in zip(self.conditions, conditions.values()):
            self.add(name, int, formula)
        self.add("verdict", int, lambda f: np.minimum.reduce([f(name) for name in self.conditions]))
        self.add("ceiling", float, ceiling)
        self.add("subsidy", float, lambda f: np.where(f("verdict") == NO, 0.0, f("ceiling")))

    def add(self, name: str, kind: type, formula: Formula | None = None) -> None:
        members = {"value_type": kind, "entity": self.entity, "definition_period": DateUnit.YEAR, "label": name}
        if formula is not None:
            members["formula"] = lambda project, period: formula(lambda fact: project(fact, period))
        self.system.add_variable(type(name, (Variable,), members))

    def simulation(self, columns: Mapping[str, np.ndarray]) -> Simulation:
        """A simulation with the facts put in: what has to be set up for each list of projects."""
        simulation = SimulationBuilder().build_default_simulation(self.system, count=len(next(iter(columns.values()))))
        for name, column in columns.items():
            simulation.set_input(name, PERIOD, column)
        return simulation

    def answer(self, simulation: Simulation) -> tuple[np.ndarray, ...]:
        """Verdict, ceiling and subsidy; the conditions stay in the simulation."""
        return tuple(simulation.calculate(name, PERIOD) for name in ("verdict", "ceiling", "subsidy"))
