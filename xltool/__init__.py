"""xltool: guideline workbooks, official tables and forms, and Excel functions for Jiangsu's industrial special funds."""

__version__ = "0.1.0"
