Attribute VB_Name = "xltool_server"
Option Explicit
Option Private Module
Private server As Variant
Private known As Boolean

Public Function XltoolCall(ByVal name As String, ByVal arguments As Variant) As Variant
    ' The Python server is kept: to look for it again reads the settings a dozen times. Where it has ended, it is started once more.
    Dim again As Boolean
    On Error GoTo failed
start:
    again = known
    If Not known Then
        Set server = XLPy
        known = True
    End If
    XltoolCall = XltoolResult(server.CallUDF("%MODULE%", name, arguments, ThisWorkbook, Application.Caller))
    Exit Function
failed:
    known = False
    If again Then Resume start
    If name = "WHY" Then
        XltoolCall = "xltool: " & Err.Description
    Else
        XltoolCall = CVErr(2015)
    End If
End Function

Public Sub XltoolAction(ByVal key As String)
    ' A button: the Python function is told which workbook it was pressed over.
    On Error GoTo failed
    If ActiveWorkbook Is Nothing Then Workbooks.Add
    XLPy.SetAttr XLPy.Module("xlwings._xlwindows"), "BOOK_CALLER", ActiveWorkbook
    XLPy.Exec "import xltool.hosts.ribbon; xltool.hosts.ribbon.run('" & key & "')"
    Exit Sub
failed:
    MsgBox Err.Description, vbCritical, "xltool"
End Sub

Public Function XltoolGuideline() As String
    ' The guideline workbook that the calling book names, beside the book where the name holds no full path.
    Dim book As Object, text As String
    On Error Resume Next
    Set book = Application.Caller.Worksheet.Parent
    text = book.Names("%NAME%").RefersTo
    If text = "" Then Exit Function
    If Left(text, 2) = "=""" Then
        text = Mid(text, 3, Len(text) - 3)
    Else
        text = ""
        text = book.Names("%NAME%").RefersToRange.Value
    End If
    If text <> "" And InStr(text, ":") = 0 And Left(text, 1) <> "\" And Left(text, 1) <> "/" Then text = book.Path & "\" & text
    XltoolGuideline = text
End Function

Public Function XltoolCell(ByVal value As Variant) As Variant
    XltoolCell = value
    If VarType(value) <> vbString Then Exit Function
    Select Case value
        Case "#N/A": XltoolCell = CVErr(2042)
        Case "#VALUE!": XltoolCell = CVErr(2015)
        Case "#NUM!": XltoolCell = CVErr(2036)
        Case "#DIV/0!": XltoolCell = CVErr(2007)
        Case "#REF!": XltoolCell = CVErr(2023)
        Case "#NAME?": XltoolCell = CVErr(2029)
        Case "#NULL!": XltoolCell = CVErr(2000)
    End Select
End Function

Public Function XltoolResult(ByVal value As Variant) As Variant
    ' Python can hand over no errors; their texts become errors here.
    Dim i As Long, j As Long, last As Long
    If Not IsArray(value) Then
        XltoolResult = XltoolCell(value)
        Exit Function
    End If
    last = -1
    On Error Resume Next
    last = UBound(value, 2)
    On Error GoTo 0
    For i = LBound(value, 1) To UBound(value, 1)
        If last < 0 Then
            value(i) = XltoolCell(value(i))
        Else
            For j = LBound(value, 2) To last
                value(i, j) = XltoolCell(value(i, j))
            Next j
        End If
    Next i
    XltoolResult = value
End Function
