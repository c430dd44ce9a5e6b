"""LibreOffice, where it is installed, as the last resort: it reads what nobody else can, slowly; what it writes is read as any other workbook."""
from __future__ import annotations

from ...office import to_xlsx

_FILTERS = {".xls": "MS Excel 97", ".xlsb": "Calc MS Excel 2007 Binary"}  # without it, what it cannot read is read as a text


def convert(data: bytes, suffix: str, seconds: float) -> bytes | None:
    """The .xls or .xlsb as an .xlsx, None where LibreOffice is absent, too slow or cannot read it either."""
    return to_xlsx({"given": (suffix, data)}, seconds, [f"--infilter={_FILTERS[suffix]}"]).get("given")
