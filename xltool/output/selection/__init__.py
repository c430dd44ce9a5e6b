"""Which projects of a list to recommend, within quotas, allotments, limits and a budget: the best choice, and why it is the best.

    chosen = select_projects(Path("清单.xlsx"), edition, budget=5000.0, score="得分")
    data = render_selection(chosen)

It proposes; what is recommended remains the office's decision, and the workbook's 试算 sheet is there to try others.
"""

from .lines import selection_lines
from .selection import Selection, select_projects
from .workbook import render_selection

__all__ = ["Selection", "render_selection", "select_projects", "selection_lines"]
