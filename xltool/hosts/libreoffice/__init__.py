"""The functions in LibreOffice Calc, as an extension (.oxt) that brings the rules and the editions along.

    build      the .oxt: what is in it
    typelib    the functions' signatures as LibreOffice wants them, in its binary format
    registry   what the function wizard says, and the small files that describe an extension
    addin      the component that LibreOffice loads: glue, in a Python as old as LibreOffice may bring
    adapter    cells as LibreOffice hands them over, answers as it shows them
    workbook   a guideline workbook read without anything but the standard library
"""
