"""A table of 100,000 bordered rows from a generator to a file, each in a process of its own: seconds and peak memory.

xltool fills its template (`Template.write`), XlsxWriter draws the table, in memory and in its `constant_memory` mode. All
take the rows from the same generator, so none keeps them. Before anything is timed, `forms` compares such tables cell
by cell.
"""

from __future__ import annotations

import statistics
from pathlib import Path

from intake import PEAK, alone
from measure import OURS, Row, against, new_folder

MEMORY_LIMIT = 100.0  # MB
COUNT, ROUNDS = 100_000, 7
XLSXWRITER, CONSTANT = "XlsxWriter 内存新建", "XlsxWriter（constant_memory）"
SPEED, MEMORY = "更长的表：边写边出", "更长的表：内存峰值"
GROUPS = {
    SPEED: "和上面同样的表，行由生成器一行行给，写到磁盘；每家每次一个新进程，时间不含导入和载入模板，内存是整个进程的。",
    MEMORY: f"比值：上限 {MEMORY_LIMIT:.0f} MB ÷ 峰值（ru_maxrss，含 Python 和导入的模块）。",
}
SCRIPT = f"""{PEAK}
given = json.load(sys.stdin)
sys.path.insert(0, given["here"])
from table_layout import draw_to, each_row
if given["who"] == "xltool":
    from xltool.output.template import Template
    template = Template.load(given["template"])
begin = time.perf_counter()
if given["who"] == "xltool":
    template.write({{"rows": each_row(given["count"])}}, given["to"])
else:
    constant = given["who"] == {CONSTANT!r}
    draw_to(given["to"], each_row(given["count"]), {{"constant_memory": constant, "in_memory": not constant}})
print(json.dumps({{"seconds": time.perf_counter() - begin, "peak": peak()}}))
"""


def run(quick: bool = False) -> list[Row]:
    """The rows of the report: seconds, then memory."""
    from table_layout import template_bytes

    count, rounds = (20_000, 1) if quick else (COUNT, ROUNDS)
    folder = new_folder()
    (folder / "template.xlsx").write_bytes(template_bytes())
    runs = [{who: write(who, count, folder) for who in (OURS, XLSXWRITER, CONSTANT)} for _ in range(rounds)]
    seconds = {who: statistics.median(one[who]["seconds"] for one in runs) for who in runs[0]}
    peaks = {who: statistics.median(one[who]["peak"] for one in runs) for who in runs[0]}
    notes = {who: f"峰值 {peaks[who]:.0f} MB，xltool {peaks[OURS]:.0f} MB" for who in (XLSXWRITER, CONSTANT)}
    what = f"{count:,} 行 × 10 列"
    note = f"峰值 {peaks[OURS]:.0f} MB"
    return [
        *against(SPEED, what, seconds, {XLSXWRITER: 4.0, CONSTANT: 4.0}, notes),
        Row(MEMORY, f"内存：{what}", "", peaks[OURS], MEMORY_LIMIT, 1.0, note),
    ]


def write(who: str, count: int, folder: Path) -> dict[str, float]:
    given = {"who": who, "count": count, "to": str(folder / "table.xlsx"), "template": str(folder / "template.xlsx")}
    return alone(SCRIPT, {**given, "here": str(Path(__file__).parent)})
