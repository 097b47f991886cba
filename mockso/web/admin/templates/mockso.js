// Makes the page live and gives it keys. Without it everything works, by links and forms.
"use strict";

const body = document.body;

// --- live: the server makes the page, this only fetches it again -------------------------------

const EVERY = 400; // milliseconds between two looks, however many calls come

let live = true;
let fresh = 0;
let waiting = null;

function part() {
  return document.getElementById(body.dataset.live === "calls" ? "calls" : "main");
}

async function refresh() {
  waiting = null;
  if (document.hidden || !live) return; // it may have been paused since a look was planned
  const address = new URL(location.href);
  const answer = await fetch(address, { headers: { Accept: "text/html" } }).catch(() => null);
  if (!answer || !answer.ok || !live) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const now = part();
  const next = page.getElementById(now.id);
  if (!next) return;
  const focused = document.activeElement && now.contains(document.activeElement) ? document.activeElement.id : "";
  now.replaceWith(document.adoptNode(next));
  if (body.dataset.live === "call") body.dataset.live = page.body.dataset.live || "";
  show();
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

function later() {
  if (waiting === null) waiting = setTimeout(refresh, EVERY);
}

function show() {
  const place = document.getElementById("live");
  if (!place) return;
  let button = document.getElementById("pause");
  if (!button) {
    button = document.createElement("button");
    button.type = "button";
    button.id = "pause";
    button.addEventListener("click", toggle);
    place.append("", button);
  }
  // Changed and not made again: the focus may be on it.
  place.firstChild.textContent = live ? "live" : fresh ? `paused, ${fresh} new` : "paused";
  button.textContent = live ? "Pause" : "Go on";
}

function toggle() {
  live = !live;
  fresh = 0;
  show();
  if (live) later();
}

function news(event) {
  if (event.type !== "arrived") fresh += 1;
  if (body.dataset.live === "call" && JSON.parse(event.data).id !== body.dataset.call) return;
  if (live) later();
  else show();
}

if (body.dataset.live) {
  // An older page stays as it is: what is new is not on it.
  if (!new URLSearchParams(location.search).has("after")) {
    const source = new EventSource(body.dataset.events);
    for (const kind of ["arrived", "answered", "cleared"]) source.addEventListener(kind, news);
    source.addEventListener("open", later); // what came between this page and the connection
    source.addEventListener("error", () => {
      // Refused for good (too many listeners): look now and then instead.
      if (source.readyState === EventSource.CLOSED) setInterval(() => live && later(), 3000);
    });
    document.addEventListener("visibilitychange", () => live && !document.hidden && later());
    addEventListener("pagehide", () => source.close());
    show();
  }
}

// --- keys ---------------------------------------------------------------------------------------

function move(by) {
  const links = [...document.querySelectorAll(".calls tbody th a")];
  if (!links.length) {
    document.getElementById(by > 0 ? "older" : "newer")?.click();
    return;
  }
  const at = links.indexOf(document.activeElement);
  const next = links[Math.min(Math.max(at + by, 0), links.length - 1)];
  next.focus();
  next.scrollIntoView({ block: "nearest" });
}

const KEYS = {
  j: () => move(1),
  k: () => move(-1),
  n: () => document.querySelector("a[rel=next]")?.click(),
  u: () => document.getElementById("up")?.click(),
  l: () => document.getElementById("live") && toggle(),
  "/": () => document.getElementById("filter")?.focus(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
  if (Object.hasOwn(KEYS, event.key)) {
    KEYS[event.key]();
    event.preventDefault();
  }
});

// --- rows, copies, whom to play for ---------------------------------------------------------------

// The whole row opens its call; the rows are made again, so their table's place listens.
document.addEventListener("click", (event) => {
  const row = event.target.closest("tr.opens");
  if (!row || event.target.closest("a, button") || String(getSelection())) return;
  const link = (row.querySelector("th a") || row.previousElementSibling.querySelector("th a"));
  if (event.ctrlKey || event.metaKey) window.open(link.href);
  else link.click();
});

// Coming back from a call, the keys go on from there.
if (location.hash.startsWith("#call-")) document.getElementById(location.hash.slice(1))?.focus();

async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea"); // by plain http there is no clipboard
  area.value = text;
  body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (!done) throw new Error("refused");
}

for (const place of document.querySelectorAll("[data-copy]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = place.dataset.copy;
  button.addEventListener("click", () =>
    copy(place.textContent).then(
      () => (button.textContent = "Copied"),
      () => (button.textContent = "Not allowed: select it"),
    ),
  );
  place.after(button);
}

function nameWhom() {
  const whose = document.getElementById("whose");
  const name = whose.selectedOptions[0].textContent;
  for (const button of document.querySelectorAll("button.play")) {
    button.textContent = `Play for ${name}`;
    button.setAttribute("aria-label", `Play for ${name}: ${button.value}`);
  }
}

if (document.getElementById("whose")) {
  document.getElementById("whose").addEventListener("change", nameWhom);
  nameWhom();
}

// Deleting and stopping everything cannot be taken back.
for (const button of document.querySelectorAll("button.danger")) {
  button.form.addEventListener("submit", (event) => {
    if (!confirm(`${button.textContent.trim()}?`)) event.preventDefault();
  });
}
