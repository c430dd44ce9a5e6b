// Stands in for office.js: what the generated functions and the scripts of xlwings Server ask of it, and no more.
// Excel's object tree is answered from a table of values by path; whatever is set or called in it is kept in __log.
globalThis.__functions = {};  // custom functions by id
globalThis.__actions = {};    // ribbon commands by name
globalThis.__log = [];
globalThis.__runtime = "1.4"; // the newest CustomFunctionsRuntime that the host has
globalThis.__values = {};

globalThis.CustomFunctions = {
  associate: (id, run) => { __functions[id] = run; },
  Error: class extends Error { constructor(code, message) { super(message); this.code = code; } },
  ErrorCode: { invalidValue: "#VALUE!", notAvailable: "#N/A", invalidNumber: "#NUM!" },
};

const host = { host: "Excel", platform: "OfficeOnline" };
globalThis.Office = {
  onReady: (then) => { if (then) setTimeout(() => then(host), 0); return Promise.resolve(host); },
  context: {
    ...host, diagnostics: {},
    requirements: { isSetSupported: (name, version) => name !== "CustomFunctionsRuntime" || Number(version) <= Number(__runtime) },
    ui: { displayDialogAsync: (url) => { __log.push(["dialog", url]); }, messageParent: (text) => { __log.push(["message", text]); } },
  },
  actions: { associate: (name, run) => { __actions[name] = run; } },
  addin: { showAsTaskpane: async () => {} },
  HostType: { Excel: "Excel" }, PlatformType: {}, EventType: {}, AsyncResultStatus: {},
};

function node(path) {
  return new Proxy(function () {}, {
    get(_, key) {
      if (key === "then") return undefined;  // not a promise
      if (key === Symbol.toPrimitive) return () => 0;
      if (key === Symbol.iterator) return function* () {};
      const below = `${path}.${String(key)}`;
      if (below in __values) return __values[below];
      return key === "isNullObject" ? false : node(below);
    },
    set(_, key, value) { __log.push(["set", `${path}.${String(key)}`, value]); return true; },
    apply(_, __, given) {
      __log.push(["call", path, given.map((each) => (typeof each === "function" ? "function" : each))]);
      if (!path.endsWith(".worksheets.add")) return node(`${path}()`);
      const made = node(`sheet.${given[0]}`);
      __values["book.workbook.worksheets.items"].push(made);
      return made;
    },
  });
}

function Context() {
  const root = node("book");
  return new Proxy(root, { get: (_, key) => (key === "sync" ? async () => {} : root[key]) });
}
globalThis.Excel = new Proxy({ RequestContext: Context, run: async (...given) => given.pop()(new Context()) }, {
  get: (known, key) => (key in known ? known[key] : node(`Excel.${String(key)}`)),
});

// A book of one sheet, with a cell selected.
globalThis.openBook = (name, rows, selected) => {
  const own = `sheet.${name}`;
  const sheets = [node(own)];
  Object.assign(__values, {
    "book.workbook.name": "名单.xlsx",
    "book.workbook.worksheets.items": sheets, "book.workbook.worksheets.load().items": sheets,
    "book.workbook.worksheets.getItemOrNullObject().isNullObject": true,
    "book.workbook.worksheets.getActiveWorksheet().load().position": 0,
    "book.workbook.application.load().calculationMode": "Automatic",
    "book.workbook.getSelectedRange().load().address": `${name}!${selected}`,
    "book.workbook.names.items": [],
    [`${own}.name`]: name, [`${own}.visibility`]: "Visible", [`${own}.showGridlines`]: true,
    [`${own}.getRange().load().values`]: rows,
    [`${own}.getRange().load().numberFormat`]: rows.map((row) => row.map(() => "General")),
    [`${own}.pageLayout.getPrintAreaOrNullObject().load().isNullObject`]: true,
  });
  for (const kind of ["names", "tables", "shapes", "charts", "pivotTables", "notes"]) {
    __values[`${own}.${kind}.items`] = __values[`${own}.${kind}.load().items`] = [];
  }
};
for (const where of ["book.application", "book.workbook.application"]) {
  __values[`${where}.cultureInfo.name`] = "zh-CN";
  __values[`${where}.cultureInfo.datetimeFormat.shortDatePattern`] = "yyyy/m/d";
}
openBook("Sheet1", [[""]], "A1");
