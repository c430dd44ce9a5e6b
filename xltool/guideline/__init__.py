"""Guideline workbooks: the source of every rule, read, checked, shown and compared."""
