"""A guideline workbook as text, one line per cell, so that two versions can be compared and a change can be reviewed."""
from __future__ import annotations

from pathlib import Path

from .write import rows


def dump_text(path: Path) -> str:
    """Sheets in their order; each row a block that starts with its first two columns, then `column: value` lines."""
    out: list[str] = []
    for sheet, records in rows(path).items():
        out.append(f"# {sheet}")
        for record in records:
            values = {title: str(value) for title, value in record.items() if value not in (None, "")}
            out.append("\n[" + " ".join(list(values.values())[:2]).replace("\n", " ") + "]")
            for title, value in values.items():
                out.append(f"{title}: " + value.replace("\n", "\n    "))
        out.append("")
    return "\n".join(out) + "\n"
