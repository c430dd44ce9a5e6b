"""What Office.js sends to a custom function and shows of its answer; and, as a program, xlwings' custom functions without a server.

    python tests/office_calls.py     reads one request as JSON a line, prints {"result": rows} or {"error": text} for each

A process of its own, because xlwings reads its licence and its place when it is imported.
"""
from __future__ import annotations

import json
import sys
from collections.abc import Sequence

_ERRORS = {"Div0": "#DIV/0!", "NotAvailable": "#N/A", "Name": "#NAME?", "Null": "#NULL!", "Num": "#NUM!", "Ref": "#REF!", "Value": "#VALUE!"}


def error(text: str) -> dict[str, str]:
    """An error cell as Office.js sends it."""
    return {"type": "Error", "basicType": "Error", "basicValue": text}


def sent(argument: object, blank: object = "") -> object:
    """An argument as Office.js sends it: rows of cells; `blank` is what a blank cell alone is."""
    if not isinstance(argument, list):
        return blank if argument is None and blank is None else [[blank if argument is None else argument]]
    return [["" if cell is None else cell for cell in row] for row in argument]


def request(function: str, args: Sequence[object], runtime: str = "1.4") -> dict[str, object]:
    """A call of a custom function as xlwings' script posts it."""
    return {"client": "Office.js", "func_name": function, "args": list(args), "caller_address": "[名单.xlsx]名单!B2", "session_id": "s",
            "culture_info_name": "zh-CN", "date_format": "yyyy/m/d", "version": "any", "runtime": runtime}


def shown(rows: Sequence[Sequence[object]]) -> list[list[object]]:
    """The cells that Excel shows for an answer: an error object is the error."""
    return [[_ERRORS[cell["errorType"]] if isinstance(cell, dict) and cell["type"] == "Error" else cell for cell in row] for row in rows]


def main() -> None:
    import asyncio

    import xlwings.server

    from xltool.guideline.bundle import library
    from xltool.guideline.read import load
    from xltool.hosts.guidelines import Guidelines
    from xltool.hosts.server.served import functions
    served = functions(Guidelines(library(), load))
    for line in sys.stdin:
        try:
            answer = {"result": asyncio.run(xlwings.server.custom_functions_call(json.loads(line), served))}
        except Exception as trouble:  # the server tells an XlwingsError, and that a fault is one
            answer = {"error": str(trouble) if isinstance(trouble, xlwings.XlwingsError) else repr(trouble)}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
