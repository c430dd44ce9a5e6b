"""One `xltool batch` in this fresh process, its stages timed: prints {stage: seconds} as JSON. Used by `startup.py` and `province.py`.

Every function that `batch.run` and `papers.paper` have from the modules in STAGES is wrapped with a clock and counted under its
module's name; the outermost one counts. What none of them covers (progress, folders) is 其他.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FunctionType

BEGIN = time.perf_counter()
STAGES = {
    "xltool.intake.merging": "读报送件、相互比对",
    "xltool.intake.projects": "读清单",
    "xltool.output.checking": "核查",
    "xltool.output.papers.forms": "准备表的数据",
    "xltool.output.summary": "准备表的数据",
    "xltool.output.report": "做核查报告",
    "xltool.intake.consistency": "核查",
    "xltool.output.files": "起文件名",
}


class Clock:
    """The seconds each stage has taken."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = {}
        self.running = False

    def timed(self, stage: str, function: Callable) -> Callable:
        def measured(*args: object, **kwargs: object) -> object:
            if self.running:
                return function(*args, **kwargs)
            self.running, begin = True, time.perf_counter()
            try:
                return function(*args, **kwargs)
            finally:
                self.running = False
                self.spent[stage] = self.spent.get(stage, 0.0) + time.perf_counter() - begin

        return measured


def main(source: str, edition_id: str, out: str, city: str = "") -> None:
    from xltool.guideline.bundle import edition
    from xltool.output.batch import delivery
    from xltool.output.batch import run as batch
    from xltool.output.papers import paper
    from xltool.output.template import Template

    clock = Clock()
    clock.spent["导入模块"] = time.perf_counter() - BEGIN
    known = clock.timed("载入指南", edition)(edition_id)
    before = sum(clock.spent.values())
    run = batch.run_batch
    for module in (batch, paper):
        for name, member in vars(module).copy().items():
            if isinstance(member, FunctionType) and member is not run and member.__module__ in STAGES:
                setattr(module, name, clock.timed(STAGES[member.__module__], member))
    delivery.Delivery.finish = clock.timed("移入目标文件夹，写清单文件", delivery.Delivery.finish)
    delivery.write_part = clock.timed("写文件", delivery.write_part)
    Template.load = clock.timed("载入模板", Template.load)
    Template.render = clock.timed("填模板", Template.render)
    begin = time.perf_counter()
    run(Path(source), known, Path(out), batch.Order(city))
    clock.spent["其他"] = time.perf_counter() - begin - sum(clock.spent.values()) + before
    print(json.dumps(clock.spent, ensure_ascii=False))


if __name__ == "__main__":
    main(*sys.argv[1:])
