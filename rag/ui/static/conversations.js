// « Conversations »: opens one that was kept, begins another, deletes one or all.
// The server lists them as HTML and shows one again as it was.

const KEPT = "#conversation .kept";

let fresh = newId();
let wanted = "";

function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

const idOf = (kept) => kept.id.split("-")[1];

// The conversation that a question belongs to: the one that is shown, else a new one.
export function conversation() {
  const kept = document.querySelectorAll(KEPT);
  return kept.length ? idOf(kept[kept.length - 1]) : fresh;
}

// What the page's event opens, in the way a question's surroundings are written.
guillemets.opening = () => new URLSearchParams(wanted ? { conversation: wanted } : {}).toString();

function open(id) {
  if (!id) forgetAddress();
  wanted = id;
  fresh = newId();
  document.dispatchEvent(new CustomEvent("conversation-opens"));
  document.getElementById("open-conversation").click();
  menu().open = false;
  document.querySelector("#question textarea").focus({ preventScroll: true });
}

const menu = () => document.getElementById("conversations");
const list = () => menu().querySelector("div");

// Shows the list as the server tells it, after what `method` does to `id`, to all without one.
async function load(id = "", method = "GET") {
  let shown = "";
  try {
    const response = await fetch(id ? `conversations/${id}` : "conversations", { method });
    // What is not a page, such as a refusal in JSON, is not escaped for one.
    const isPage = response.headers.get("content-type")?.startsWith("text/html");
    shown = isPage ? await response.text() : "";
  } catch {
    shown = "";
  }
  if (shown) list().innerHTML = shown;
  else list().textContent = guillemets.listUnreachable;
  const here = list().querySelector(`[data-open="${conversation()}"]`);
  here?.setAttribute("aria-current", "true");
  return shown !== "";
}

async function remove(id) {
  const isShown = id === conversation();
  if (!(await load(id, "DELETE"))) return;
  if (isShown) leave();
  (list().querySelector("[data-restore]") ?? list().querySelector("[data-new]"))?.focus();
}

// The one that is shown has gone: what follows is another.
function leave() {
  forgetAddress();
  wanted = "";
  fresh = newId();
  document.getElementById("open-conversation").click();
}

async function restore(id) {
  await load(id, "PUT");
  list().querySelector(`[data-open="${id}"]`)?.focus();
}

function confirmClearing(asks) {
  const [question, clear] = [list().querySelector(".confirm"), list().querySelector("[data-clear]")];
  question.hidden = !asks;
  clear.hidden = asks;
  (asks ? question.querySelector("[data-clear-not]") : clear).focus();
}

async function clear() {
  const isShown = document.querySelector(KEPT) !== null;
  if (!(await load("", "DELETE"))) return;
  if (isShown) leave();
  list().querySelector("[data-new]")?.focus();
}

const actions = {
  new: () => open(""),
  open,
  delete: remove,
  restore,
  clear: () => confirmClearing(true),
  clearNot: () => confirmClearing(false),
  clearNow: clear,
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("#conversations button");
  for (const [name, value] of Object.entries(button?.dataset ?? {}))
    if (Object.hasOwn(actions, name)) actions[name](value);
  // What was clicked may have left the page meanwhile; scripts click on the page's own behalf.
  if (event.isTrusted && menu() && !event.composedPath().includes(menu())) menu().open = false;
});

document.addEventListener(
  "toggle",
  (event) => {
    if (event.target === menu() && menu().open) load();
  },
  true,
);

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !menu()?.open) return;
  menu().open = false;
  menu().querySelector("summary").focus();
});

// A kept conversation is in the address, so that a page that is loaded again shows it again
// and does not ask its question once more.
function address() {
  const kept = document.querySelector(KEPT);
  const shown = new URLSearchParams(location.search);
  if (!kept || shown.get("conversation") === conversation()) return;
  const query = new URLSearchParams({ conversation: conversation() });
  if (shown.has("lang")) query.set("lang", shown.get("lang"));
  history.replaceState(history.state, "", `?${query}${location.hash}`);
}

function forgetAddress() {
  history.replaceState(history.state, "", location.pathname);
}

// Once there is a box to ask in, the conversation that the address names is opened.
const named = new URLSearchParams(location.search).get("conversation");
if (named)
  new MutationObserver((_, observer) => {
    if (!menu() || !document.getElementById("open-conversation")) return;
    observer.disconnect();
    open(named);
  }).observe(document.body, { childList: true, subtree: true });

// A conversation that Gradio's own button clears is not gone on with.
new MutationObserver(() => {
  address();
  if (document.querySelector(`${KEPT}[id^="kept-${fresh}-"]`)) fresh = newId();
}).observe(document.body, { childList: true, subtree: true });
