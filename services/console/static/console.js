// Keys, and what a page says when it loses its server. Everything else is links, forms and htmx.
"use strict";

const root = document.documentElement;
const keysAreOn = () => root.dataset.keys !== "off";

// a chart that is wider than its window shows its newest end
for (const chart of document.querySelectorAll(".chart")) chart.scrollLeft = chart.scrollWidth;

// ---- rows ----
const rows = () => [...document.querySelectorAll("[data-rows] tbody tr, ul[data-rows] > li")];
const marked = () => document.querySelector("[data-rows] .at");

function mark(row) {
  marked()?.classList.remove("at");
  if (!row) return;
  row.classList.add("at");
  row.querySelector("a")?.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

function step(by) {
  const all = rows();
  if (!all.length) return;
  const at = all.indexOf(marked());
  mark(all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1)]);
}

// ---- tasks ----
const taskPage = () => document.querySelector("[data-task-page]");

function place(verb) {
  // on a task's own page its form; in a list the marked row's, asked for where the row has no button
  if (taskPage()) {
    const found = taskPage().querySelector(`[data-verb="${verb}"]`);
    found?.click();
    found?.closest("details")?.querySelector("select, textarea, input:not([type=hidden])")?.focus();
    return Boolean(found);
  }
  const row = marked();
  if (!row?.dataset.task) return false;
  if (atOnce.has(verb)) {
    const button = row.querySelector(`[data-verb="${verb}"]`);
    button?.click();
    return Boolean(button);
  }
  htmx.ajax("GET", `/tasks/${row.dataset.task}/ask/${verb}`, { target: "#ask", swap: "innerHTML" });
  return true;
}

const atOnce = new Set(["accept", "claim", "wake", "reopen"]);
const firstOf = (...verbs) => () => verbs.some(place);
const ask = () => document.getElementById("ask");

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target?.id === "ask") {
    if (!ask().open) ask().showModal();
    ask().querySelector("select, textarea, input:not([type=hidden])")?.focus();
  }
});
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.successful && event.detail.requestConfig.verb === "post") ask()?.close();
});
document.addEventListener("htmx:sendError", () => say(document.body.dataset.lost));
document.addEventListener("htmx:responseError", () => say(document.body.dataset.lost));

function say(text) {
  const toast = Object.assign(document.createElement("p"), { className: "toast bad", textContent: text });
  document.getElementById("told").replaceChildren(toast);
}

// a row that was told late does not go back behind what a command made of it; the mark stays
let markedTask = null;
document.addEventListener("htmx:sseBeforeMessage", (event) => {
  const row = event.target.closest("[data-version]");
  const version = /data-version="(\d+)"/.exec(event.detail.data)?.[1];
  if (row && version && Number(version) < Number(row.dataset.version)) event.preventDefault();
});
document.addEventListener("htmx:beforeSwap", () => {
  const row = marked(); // none where another swap has not settled yet: what that one keeps holds
  if (row) markedTask = { id: row.id, focused: row.contains(document.activeElement) };
});
document.addEventListener("htmx:afterSettle", () => {
  const row = markedTask && document.getElementById(markedTask.id);
  if (row && !marked() && row.closest("[data-rows]")) {
    row.classList.add("at");
    if (markedTask.focused || document.activeElement === document.body) row.querySelector("a")?.focus({ preventScroll: true });
  }
});
new MutationObserver(() => {
  const toast = document.querySelector("#told .toast");
  if (toast) setTimeout(() => toast.remove(), 6000);
}).observe(document.body, { childList: true, subtree: true });

// ---- keys ----
const doing = {
  a: firstOf("accept", "claim"),
  d: firstOf("decline"),
  c: firstOf("contact"),
  n: firstOf("note"),
  s: firstOf("snooze"),
  x: firstOf("close"),
  u: firstOf("wake", "reopen"),
  ".": () => document.querySelector("[data-news]")?.click(),
  j: () => step(1),
  k: () => step(-1),
  Enter: () => marked()?.querySelector("a")?.click(),
  "/": () => document.getElementById("find").focus(),
  "?": () => document.getElementById("keys").showModal(),
};

let going = false;

function press(key) {
  if (going) {
    going = false;
    const place = document.querySelector(`[data-go="${CSS.escape(key)}"]`);
    if (place) location.assign(place.href);
    return Boolean(place);
  }
  if (key === "g") {
    going = true;
    setTimeout(() => { going = false; }, 1500);
    return true;
  }
  const act = Object.hasOwn(doing, key) ? doing[key] : null;
  act?.();
  return Boolean(act);
}

const isWriting = (target) =>
  target.closest("input, textarea, select, [contenteditable]") !== null;

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && isWriting(event.target)) event.target.blur();
  if (!keysAreOn() || event.ctrlKey || event.metaKey || event.altKey) return;
  if (isWriting(event.target) || document.querySelector("dialog[open]")) return;
  if (event.key === "Enter" && event.target.closest("a, button, summary")) return;
  if (press(event.key)) event.preventDefault();
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-close]")) event.target.closest("dialog").close();
  const key = event.target.closest("[data-key]")?.dataset.key;
  if (key) doing[key]();
});

// ---- when the server is gone ----
document.addEventListener("htmx:sseError", () => {
  const pulse = document.querySelector(".pulse");
  pulse?.classList.add("stale");
});
