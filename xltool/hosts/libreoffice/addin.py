"""The component that LibreOffice loads at the first of our formulas; it does not import anything of xltool by that name.

LibreOffice runs this file as it stands, in the Python that it brings. When that is too old for the rules, or anything else fails, no
exception may leave: LibreOffice would show Err:504 and say nothing. So the syntax here is old, and `WHY` tells what is wrong.
"""
import importlib
import importlib.util
import os
import sys

import unohelper
from com.sun.star.lang import XServiceInfo
from xltoolfunctions import (
    XFunctions,  # from types.rdb; a module that no package is called, or that package would hide it
)

HERE = os.path.dirname(os.path.abspath(__file__))
SERVICE, CORE = "XLTOOL", "_xltool_in_libreoffice"


def load():
    """The adapter, imported under a private name."""
    folder = os.path.join(HERE, "core")
    spec = importlib.util.spec_from_file_location(CORE, os.path.join(folder, "__init__.py"), submodule_search_locations=[folder])
    package = importlib.util.module_from_spec(spec)
    sys.modules[CORE] = package
    spec.loader.exec_module(package)
    return importlib.import_module(CORE + ".hosts.libreoffice.adapter").Functions(os.path.join(HERE, "editions"))


class Broken:
    """Answers when the rules cannot be loaded."""

    def __init__(self, error):
        version = ".".join(map(str, sys.version_info[:2]))
        if sys.version_info < (3, 10):  # noqa: UP036
            self.text = f"LibreOffice 自带的 Python 是 {version}，太旧；函数要 3.10 或更新的，请换 24.8 或更新的 LibreOffice"
        else:
            self.text = f"函数的规则载入不了，请重新安装插件；出错：{type(error).__name__}: {error}（Python {version}）"

    def answer(self, name, args, document):
        import struct
        return ((self.text if name == "WHY" else struct.unpack("<d", struct.pack("<Q", 0x7FF8000000000207))[0],),)


try:
    FUNCTIONS = load()
except Exception as error:
    FUNCTIONS = Broken(error)


class AddIn(unohelper.Base, XServiceInfo, XFunctions):
    """The functions by their names in the type library."""

    def __init__(self, context, *args):
        pass

    def __getattr__(self, name):
        if not name.isupper():
            raise AttributeError(name)
        function = self.__dict__[name] = lambda document, *args: FUNCTIONS.answer(name, args, document)  # the next call finds it at once
        return function

    def getImplementationName(self):
        return SERVICE

    def supportsService(self, name):
        return name == SERVICE

    def getSupportedServiceNames(self):
        return (SERVICE,)


g_ImplementationHelper = unohelper.ImplementationHelper()
g_ImplementationHelper.addImplementation(AddIn, SERVICE, (SERVICE,))
