// What waits to be indexed and how far a rebuild is: asked again and again, shown wherever
// there is a place for it.
import { tell } from "./copying.js";

const SOON = 1000;
const LATER = 30_000;
// What is indexed unasked should be seen to arrive.
const WATCHED = 5_000;
const SHOWN = 20_000;

let waiting = 0;
let ended = null;
let result = null;
const listeners = [];

// Hears of every rebuild that ends while the page is open.
export function onRebuilt(listener) {
  listeners.push(listener);
}

export async function ask(address = "articles/state", options = {}) {
  clearTimeout(waiting);
  let state = null;
  try {
    const response = await fetch(address, options);
    if (response.ok) state = await response.json();
  } catch {
    // The program may be started again meanwhile.
  }
  if (state) take(state);
  clearTimeout(waiting);
  waiting = setTimeout(ask, pause(state));
}

function pause(state) {
  if (state?.running || state?.known === false) return SOON;
  return state?.watched ? WATCHED : LATER;
}

export function update() {
  return ask("articles/update", { method: "POST" });
}

function take(state) {
  const facts = document.querySelector(".masthead .facts");
  if (facts && state.facts) facts.textContent = state.facts;
  if (!state.running && ended !== null && state.ended > ended) {
    // What went wrong stays until the next rebuild.
    const fine = !state.left_out.length && !state.detail.words;
    result = { ...state, fine, shownUntil: performance.now() + SHOWN };
    tell(state.result);
    for (const listener of listeners) listener();
  } else if (result?.fine && performance.now() > result.shownUntil) result = null;
  ended = state.ended;
  showWatched(state.watched ?? "");
  for (const place of document.querySelectorAll(".upkeep")) show(place, state);
}

function show(place, state) {
  const isNow = state.running || state.failing;
  const last = isNow ? null : result;
  const said = [last?.result, state.said].filter(Boolean).join(" ");
  put(place.querySelector(".said"), said);
  const detail = (isNow ? state : last)?.detail;
  put(place.querySelector(".detail"), detail?.words ?? "");
  place.querySelector(".detail").lang = detail?.language ?? "";
  const progress = place.querySelector("progress");
  progress.hidden = !state.running;
  progress.setAttribute("aria-label", state.said);
  if (state.total) {
    progress.max = state.total;
    progress.value = state.done;
  } else progress.removeAttribute("value");
  place.querySelector(".left-out").replaceChildren(...(last?.left_out ?? []).map(leftOut));
  place.querySelector("[data-update]").hidden = !state.update;
  place.hidden = !said && !state.running;
}

function showWatched(words) {
  const hint = document.getElementById("watched");
  if (!hint) return;
  put(hint, words);
  hint.hidden = !words;
}

function put(element, words) {
  if (element.textContent !== words) element.textContent = words;
}

function leftOut({ path, words, language }) {
  const [item, reason] = [document.createElement("li"), document.createElement("span")];
  reason.lang = language;
  reason.textContent = words;
  item.append(`${path} `, reason);
  return item;
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-update]")) update();
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) ask();
});

ask();
