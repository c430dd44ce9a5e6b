Private Sub Workbook_Open()
    ' Chinese help texts live on the sheet: the VBA project is code page 1252, the sheet is UTF-8.
    ' MacroOptions refuses a hidden workbook ("Cannot edit a macro on a hidden workbook"), so it is shown for a moment.
    Dim texts As Worksheet, row As Long, count As Long, k As Long, docs() As String
    On Error Resume Next
    Application.ScreenUpdating = False
    ThisWorkbook.IsAddin = False
    Set texts = ThisWorkbook.Worksheets("xltool.conf")
    For row = 1 To texts.Cells(texts.Rows.Count, 4).End(xlUp).Row
        count = texts.Cells(row, 7).Value
        ReDim docs(1 To count)
        For k = 1 To count
            docs(k) = texts.Cells(row, 7 + k).Value
        Next k
        Application.MacroOptions Macro:="'" & ThisWorkbook.Name & "'!" & texts.Cells(row, 4).Value, Description:=texts.Cells(row, 5).Value, Category:=texts.Cells(row, 6).Value, ArgumentDescriptions:=docs
    Next row
    ThisWorkbook.IsAddin = True
    ThisWorkbook.Saved = True
    Application.ScreenUpdating = True
End Sub
