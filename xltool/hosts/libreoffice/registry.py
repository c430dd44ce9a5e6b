"""What LibreOffice is told of the functions: the wizard's texts, which component answers, which extension this is.

All of it from the one definition. The functions' names in the wizard and in files are the same (XLTOOL.SUBSIDY): with a shorter name
for the wizard, a formula typed as it stands in a file would be #NAME?.
"""
from __future__ import annotations

from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

from ..definition import FUNCTIONS, NAMESPACE, Function, Parameter

IDENTIFIER, MINIMUM = "xltool.functions", "7.0"
MODULE, INTERFACE = "xltoolfunctions", "XFunctions"  # as the component imports them
TYPES, TEXTS, COMPONENTS, COMPONENT = "types.rdb", "CalcAddIns.xcu", "addin.components", "addin.py"
_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
_LANGUAGES = ("en-US", "zh-CN")  # what is said in en-US, every language without texts of its own gets


def texts() -> str:
    """CalcAddIns.xcu: names, descriptions and arguments, for the function wizard."""
    functions = "\n".join(map(_function, FUNCTIONS))
    return (f'{_XML}<oor:component-data xmlns:oor="http://openoffice.org/2001/registry" oor:name="CalcAddIns" '
            f'oor:package="org.openoffice.Office">\n<node oor:name="AddInInfo"><node oor:name="{NAMESPACE}" oor:op="replace">'
            f'<node oor:name="AddInFunctions">\n{functions}\n</node></node></node></oor:component-data>\n')


def _function(function: Function) -> str:
    name = f"{NAMESPACE}.{function.name}"
    example = function.example.replace(function.name, name, 1)
    return (f'<node oor:name="{function.name}" oor:op="replace">{_property("DisplayName", name)}'
            f'{_property("Description", f"{function.text}。例：{example}")}<prop oor:name="Category"><value>Add-In</value></prop>'
            f'{_property("CompatibilityName", name, _LANGUAGES[:1])}<node oor:name="Parameters">'
            f'{"".join(map(_parameter, function.parameters))}</node></node>')


def _parameter(parameter: Parameter) -> str:
    return (f'<node oor:name="{parameter.name}" oor:op="replace">{_property("DisplayName", parameter.title)}'
            f'{_property("Description", parameter.hint)}</node>')


def _property(name: str, text: str, languages: Iterable[str] = _LANGUAGES) -> str:
    values = "".join(f"<value xml:lang={quoteattr(language)}>{escape(text)}</value>" for language in languages)
    return f'<prop oor:name="{name}">{values}</prop>'


def components() -> str:
    """addin.components. The service AddIn is left out on purpose: with it LibreOffice would start Python at the first formula of any
    document, without it at the first of ours.
    """
    return (f'{_XML}<components xmlns="http://openoffice.org/2010/uno-components">\n'
            f' <component loader="com.sun.star.loader.Python" uri="{COMPONENT}">\n'
            f'  <implementation name="{NAMESPACE}"><service name="{NAMESPACE}"/></implementation>\n </component>\n</components>\n')


def description(version: str) -> str:
    """description.xml: what the extension manager shows and checks."""
    return (f'{_XML}<description xmlns="http://openoffice.org/extensions/description/2006" '
            f'xmlns:lo="http://libreoffice.org/extensions/description/2011">\n <version value="{version}"/>\n <identifier value="{IDENTIFIER}"/>\n'
            f' <display-name><name lang="zh-CN">xltool 专项资金函数</name><name lang="en">xltool subsidy functions</name></display-name>\n'
            f' <dependencies><lo:LibreOffice-minimal-version value="{MINIMUM}" lo:name="LibreOffice {MINIMUM}"/></dependencies>\n</description>\n')


def manifest() -> str:
    """META-INF/manifest.xml: the parts that LibreOffice registers; the rest just lies there."""
    kinds = {TYPES: "application/vnd.sun.star.uno-typelibrary;type=RDB", TEXTS: "application/vnd.sun.star.configuration-data",
             COMPONENTS: "application/vnd.sun.star.uno-components"}
    entries = "".join(f' <manifest:file-entry manifest:full-path="{part}" manifest:media-type="{kind}"/>\n' for part, kind in kinds.items())
    return f'{_XML}<manifest:manifest xmlns:manifest="http://openoffice.org/2001/manifest">\n{entries}</manifest:manifest>\n'
