"""Marks faults in somebody else's workbook: cells coloured, notes written, a list put first, everything else kept byte for byte.

The package is edited, never loaded and saved by a library: those lose text boxes, pictures or rich text. Each module knows one
kind of part: `book` the package, `rows` and `page` a worksheet, `styles`, `notes` (with `boxes` and `threads`) and `listing`.
"""
