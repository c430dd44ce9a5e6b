// A ribbon button runs the script that the task pane's button of the same name runs: the pane lists the actions, so they stand in one place.
for (const button of document.querySelectorAll("[xw-click]")) {
  const name = button.getAttribute("xw-click");
  Office.actions.associate(`xltool-${name}`, async (event) => {
    try {
      await xlwings.runPython({ scriptName: name });
    } finally {
      event.completed();  // or Excel greys the button out
    }
  });
}

// What the base page says in English when Excel does not answer.
const failed = document.querySelector("#xlwings-office-ready-error");
if (failed) {
  failed.querySelector(".mb-3").textContent = "任务窗格没有连上 Excel。";
  document.getElementById("xlwings-taskpane-reload-btn").textContent = "重新载入";
  document.getElementById("xlwings-taskpane-reload-cancel-btn").textContent = "取消";
}
