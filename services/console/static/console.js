// Keys, and what a page says when it loses its server. Everything else is links, forms and htmx.
"use strict";

const root = document.documentElement;
const keysAreOn = () => root.dataset.keys !== "off";

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

// ---- keys ----
const doing = {
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
  const key = event.target.closest("[data-key]")?.dataset.key;
  if (key) doing[key]();
});

// ---- when the server is gone ----
document.addEventListener("htmx:sseError", () => {
  const pulse = document.querySelector(".pulse");
  pulse?.classList.add("stale");
});
