// The list of articles over the chat: opened, searched, sorted, turned; articles removed
// and brought back, or asked alone.
import { ask, onRebuilt } from "./upkeep.js";

const panel = document.getElementById("articles-panel");
const list = document.getElementById("articles-list");
const search = document.getElementById("articles-search");
const arriving = document.getElementById("arriving");
const behind = () => document.querySelectorAll("gradio-app, .masthead");

const wanted = { search: "", order: "date", descending: true, first: 0 };
let asked = 0;
let opener = null;

export function openArticles(from = null) {
  if (!panel.hidden) return;
  opener = from;
  panel.hidden = false;
  document.body.classList.add("articles-open");
  for (const element of behind()) element.inert = true;
  search.focus();
  load();
}

export function closeArticles() {
  guillemets.closeSource();
  panel.hidden = true;
  document.body.classList.remove("articles-open");
  for (const element of behind()) element.inert = false;
  const next = opener?.isConnected ? opener : document.querySelector("#question textarea");
  next?.focus();
}

// Answers may come in another order than they were asked for.
async function load() {
  const mine = ++asked;
  let page = "";
  try {
    const response = await fetch(`articles?${new URLSearchParams(wanted)}`);
    const isPage = response.headers.get("content-type")?.startsWith("text/html");
    if (response.ok && isPage) page = await response.text();
  } catch {
    page = "";
  }
  if (mine !== asked) return;
  const focused = list.contains(document.activeElement) ? key(document.activeElement) : null;
  if (page) list.innerHTML = page;
  else list.textContent = guillemets.unreachable;
  const again = focused && [...list.querySelectorAll("button")].find((one) => key(one) === focused);
  if (focused) (again && !again.disabled ? again : search).focus();
}

// What a button does, to find it again once the list was drawn anew.
function key(button) {
  const { order, article, removeArticle, first } = button.dataset;
  if (first) return button.getAttribute("aria-label");
  return JSON.stringify([order, article, removeArticle]);
}

function sortBy(order) {
  const same = wanted.order === order;
  wanted.descending = same ? !wanted.descending : order === "date" || order === "length";
  wanted.order = order;
  wanted.first = 0;
  load();
}

// A line of what was brought or removed: what it is about, what is said, what can be done.
export function line(name) {
  const row = document.createElement("li");
  const [about, said] = [document.createElement("span"), document.createElement("span")];
  about.className = "about";
  about.textContent = name;
  said.className = "outcome";
  row.append(about, " ", said);
  arriving.prepend(row);
  return row;
}

export function say(row, words, language = guillemets.language, choices = []) {
  const said = row.querySelector(".outcome");
  said.textContent = words;
  said.lang = language;
  for (const button of row.querySelectorAll("button")) button.remove();
  for (const [label, act] of choices) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = label;
    button.addEventListener("click", act, { once: true });
    row.append(" ", button);
  }
}

async function post(address) {
  try {
    const response = await fetch(address, { method: "POST" });
    const reply = await response.json();
    return response.ok ? reply : { said: reply.detail ?? guillemets.unreachable };
  } catch {
    return { said: guillemets.unreachable };
  }
}

async function remove(button) {
  button.disabled = true;
  const row = line("");
  const query = new URLSearchParams({ article: button.dataset.removeArticle });
  const { said, language, token } = await post(`articles/remove?${query}`);
  if (!token) {
    say(row, said, language);
    button.disabled = false;
    return;
  }
  button.closest("tr").classList.add("gone");
  say(row, said, language, [[guillemets.arriving.undo, () => restore(row, token)]]);
  row.querySelector("button").focus();
  ask();
}

async function restore(row, token) {
  const { said, language } = await post(`articles/restore?${new URLSearchParams({ token })}`);
  say(row, said, language);
  search.focus();
  ask();
}

async function askOnly(article) {
  if (!(await guillemets.narrow("article", article))) return;
  if (panel.hidden) guillemets.closeSource();
  else closeArticles();
  document.querySelector("#question textarea").focus();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const { article, order, first, removeArticle, askOnly: only } = button.dataset;
  if (button.id === "open-articles") openArticles(button);
  else if ("closeArticles" in button.dataset) closeArticles();
  else if (only) askOnly(only);
  else if (!list.contains(button)) return;
  else if (article) guillemets.openArticle(article, button);
  else if (removeArticle) remove(button);
  else if (order) sortBy(order);
  else if (first) {
    wanted.first = Number(first);
    load();
  }
});

search.addEventListener("input", () => {
  wanted.search = search.value;
  wanted.first = 0;
  load();
});

// Before the source panel hears of it: Escape closes one thing at a time.
document.addEventListener(
  "keydown",
  (event) => {
    const isAlone = document.getElementById("source-panel").hidden;
    if (event.key !== "Escape" || panel.hidden || !isAlone) return;
    closeArticles();
  },
  true,
);

onRebuilt(() => {
  if (!panel.hidden) load();
  guillemets.refreshFilters();
});
