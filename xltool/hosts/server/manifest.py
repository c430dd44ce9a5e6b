"""The manifest: the file by which an administrator gives the add-in to Excel.

Its Id is made of the address, so that it stays the same for an installation over restarts and versions, and two installations in one
organisation do not take each other's place.
"""
from __future__ import annotations

from collections.abc import Iterable
from uuid import NAMESPACE_URL, uuid5
from xml.sax.saxutils import quoteattr

from ... import __version__
from ..definition import CATEGORY, NAMESPACE
from ..ribbon import ACTIONS

_SIZES = (16, 32, 80)
_PANE = ("Pane", "函数和说明", "有哪些函数、怎么写、能算哪些版本")


def manifest(base: str) -> str:
    """The manifest of the add-in served at `base`, an https address without a slash at its end."""
    texts = [*((f"Run.{action.key}", action.label, action.hint) for action in ACTIONS), _PANE]
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<OfficeApp xmlns="http://schemas.microsoft.com/office/appforoffice/1.1" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
  xmlns:bt="http://schemas.microsoft.com/office/officeappbasictypes/1.0" xsi:type="TaskPaneApp">
  <Id>{uuid5(NAMESPACE_URL, base + "/xltool")}</Id>
  <Version>1.{__version__}</Version>
  <ProviderName>xltool</ProviderName>
  <DefaultLocale>zh-CN</DefaultLocale>
  <DisplayName DefaultValue={quoteattr(CATEGORY)}/>
  <Description DefaultValue="江苏省工业类专项资金：核条件、算补助、生成汇总表和绩效表"/>
  <IconUrl DefaultValue={quoteattr(f"{base}/static/icons/32.png")}/>
  <HighResolutionIconUrl DefaultValue={quoteattr(f"{base}/static/icons/80.png")}/>
  <SupportUrl DefaultValue={quoteattr(f"{base}/taskpane.html")}/>
  <AppDomains><AppDomain>{base}</AppDomain></AppDomains>
  <Hosts><Host Name="Workbook"/></Hosts>
  <Requirements><Sets DefaultMinVersion="1.1"><Set Name="SharedRuntime" MinVersion="1.1"/></Sets></Requirements>
  <DefaultSettings><SourceLocation DefaultValue={quoteattr(f"{base}/taskpane.html")}/></DefaultSettings>
  <Permissions>ReadWriteDocument</Permissions>
  <VersionOverrides xmlns="http://schemas.microsoft.com/office/taskpaneappversionoverrides" xsi:type="VersionOverridesV1_0">
    <Hosts><Host xsi:type="Workbook">
      <Runtimes><Runtime resid="Pane.Url" lifetime="long"/></Runtimes>
      <AllFormFactors><ExtensionPoint xsi:type="CustomFunctions">
        <Script><SourceLocation resid="Functions.Code"/></Script>
        <Page><SourceLocation resid="Pane.Url"/></Page>
        <Metadata><SourceLocation resid="Functions.Meta"/></Metadata>
        <Namespace resid="Functions.Namespace"/>
      </ExtensionPoint></AllFormFactors>
      <DesktopFormFactor>
        <FunctionFile resid="Pane.Url"/>
        <ExtensionPoint xsi:type="PrimaryCommandSurface"><CustomTab id="Xltool.Tab">
          <Group id="Xltool.Group">
            <Label resid="Tab.Label"/>
            {_icon()}
{"".join(_button(name) for name, _, _ in texts)}          </Group>
          <Label resid="Tab.Label"/>
        </CustomTab></ExtensionPoint>
      </DesktopFormFactor>
    </Host></Hosts>
    <Resources>
      <bt:Images>{_resources("Image", ((f"Icon.{size}", f"{base}/static/icons/{size}.png") for size in _SIZES))}</bt:Images>
      <bt:Urls>{_resources("Url", _addresses(base))}</bt:Urls>
      <bt:ShortStrings>{_resources("String", [("Functions.Namespace", NAMESPACE), ("Tab.Label", CATEGORY),
                                              *((f"{name}.Label", label) for name, label, _ in texts)])}</bt:ShortStrings>
      <bt:LongStrings>{_resources("String", ((f"{name}.Hint", hint) for name, _, hint in texts))}</bt:LongStrings>
    </Resources>
  </VersionOverrides>
</OfficeApp>
"""


def _addresses(base: str) -> list[tuple[str, str]]:
    return [("Pane.Url", f"{base}/taskpane.html"), ("Functions.Code", f"{base}/xlwings/custom-functions-code.js"),
            ("Functions.Meta", f"{base}/xlwings/custom-functions-meta.json")]


def _icon() -> str:
    return "<Icon>" + "".join(f'<bt:Image size="{size}" resid="Icon.{size}"/>' for size in _SIZES) + "</Icon>"


def _button(name: str) -> str:
    """A button that runs an action, or opens the task pane."""
    does = ('<Action xsi:type="ShowTaskpane"><TaskpaneId>Xltool.Pane</TaskpaneId><SourceLocation resid="Pane.Url"/></Action>'
            if name == _PANE[0] else
            f'<Action xsi:type="ExecuteFunction"><FunctionName>xltool-{name.removeprefix("Run.")}</FunctionName></Action>')
    return f"""            <Control xsi:type="Button" id="Xltool.{name}">
              <Label resid="{name}.Label"/>
              <Supertip><Title resid="{name}.Label"/><Description resid="{name}.Hint"/></Supertip>
              {_icon()}
              {does}
            </Control>
"""


def _resources(kind: str, entries: Iterable[tuple[str, str]]) -> str:
    return "".join(f'<bt:{kind} id="{name}" DefaultValue={quoteattr(text)}/>' for name, text in entries)
