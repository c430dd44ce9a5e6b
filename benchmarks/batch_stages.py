"""One `xltool batch` in this fresh process, its stages timed: prints {stage: seconds} as JSON. Used by `startup.py`.

The functions that make up a batch are wrapped with a clock where `xltool.output.batch` looks them up; what none of
them covers (names, progress, making folders) is 其他. The clock itself costs well under a millisecond.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

BEGIN = time.perf_counter()
SPENT: dict[str, float] = {}


def timed(stage: str, function: Callable) -> Callable:
    def measured(*args: object, **kwargs: object) -> object:
        begin = time.perf_counter()
        try:
            return function(*args, **kwargs)
        finally:
            SPENT[stage] = SPENT.get(stage, 0.0) + time.perf_counter() - begin

    return measured


def main(source: str, edition_id: str, out: str) -> None:
    from xltool.guideline.bundle import edition
    from xltool.output import batch
    from xltool.output.template import Template

    SPENT["导入模块"] = time.perf_counter() - BEGIN
    known = timed("载入指南", edition)(edition_id)
    for name, stage in (
        ("read_projects", "读清单"), ("check_project", "核查"), ("form_context", "准备表的数据"),
        ("summary_context", "准备表的数据"), ("write_report", "写核查报告"), ("_install", "移入目标文件夹"),
        ("_manifest", "清单文件和校验值"),
    ):  # fmt: skip
        setattr(batch, name, timed(stage, getattr(batch, name)))
    Template.load = timed("载入模板", Template.load)
    Template.render = timed("填模板", Template.render)
    Path.write_bytes = timed("写文件", Path.write_bytes)
    begin = time.perf_counter()
    batch.run_batch(Path(source), known, Path(out), "盐城市")
    inside = sum(SPENT.values()) - SPENT["导入模块"] - SPENT["载入指南"]
    SPENT["其他"] = time.perf_counter() - begin - inside
    print(json.dumps(SPENT, ensure_ascii=False))


if __name__ == "__main__":
    main(*sys.argv[1:])
