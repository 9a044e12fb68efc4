// Asks with what goes around a question: the filters in force and the question before.
// The links under an answer and the filters' form do what they name.
import { conversation } from "./conversations.js";
import { copyAnswer, copyLink } from "./copying.js";
import { follow } from "./following.js";

const ACTION = ".guillemets.answer a.action";

let query = "";

function filters() {
  return document.getElementById("filters");
}

function inForce() {
  return new URLSearchParams(filters()?.dataset.inForce ?? "");
}

function previousQuestion() {
  const links = document.querySelectorAll(`${ACTION}.link`);
  return links.length ? parameters(links[links.length - 1]).get("q") : null;
}

function parameters(link) {
  return new URLSearchParams(link.getAttribute("href").split("?").slice(1).join("?"));
}

// What a question is asked with, for the page's events.
guillemets.surroundings = () => {
  const around = inForce();
  const previous = previousQuestion();
  if (previous) around.set("previous", previous);
  around.set("conversation", conversation());
  return around.toString();
};

guillemets.asked = () => query;

function askAgain(question, around) {
  const asked = new URLSearchParams(around);
  asked.set("q", question);
  asked.set("conversation", conversation());
  query = asked.toString();
  document.getElementById("ask-again").click();
}

// Puts other filters in force; the server tells how they look, or what is wrong with them.
async function apply(wanted) {
  let response;
  try {
    response = await fetch(`filters?${wanted}`);
  } catch {
    complain({ field: "", message: guillemets.unreachable });
    return false;
  }
  if (response.ok && response.headers.get("content-type")?.startsWith("text/html")) {
    filters().outerHTML = await response.text();
    return true;
  }
  const refusal = await response.json().catch(() => ({}));
  complain({ field: refusal.field ?? "", message: refusal.message ?? guillemets.failed });
  return false;
}

// For other scripts: adds a filter, or asks how the ones in force look by now.
guillemets.narrow = (name, value) => {
  const wanted = inForce();
  wanted.set(name, value);
  return apply(wanted);
};
guillemets.refreshFilters = () => filters() && apply(inForce());

function complain({ field, message }) {
  const form = filters().querySelector("form");
  form.closest("details").open = true;
  for (const input of form.querySelectorAll('input[type="date"]')) {
    const isWrong = input.name === field;
    input.setAttribute("aria-invalid", isWrong);
    if (isWrong) input.focus();
  }
  if (field === "source") form.querySelector("fieldset")?.focus();
  document.getElementById("filter-error").textContent = message;
}

async function remove({ dataset, value }) {
  const wanted = new URLSearchParams(
    [...inForce()].filter(([name, one]) => name !== dataset.remove || one !== value),
  );
  if (!(await apply(wanted))) return;
  const next = filters().querySelector("[data-remove]") ?? filters().querySelector("summary");
  next.focus();
}

document.addEventListener("submit", async (event) => {
  if (!event.target.closest("#filters")) return;
  event.preventDefault();
  const written = [...new FormData(event.target)].filter(([, value]) => value);
  const wanted = new URLSearchParams(written);
  if (await apply(wanted)) document.querySelector("#question textarea").focus();
});

const actions = {
  ask: (link) => askAgain(parameters(link).get("q"), inForce()),
  async widen(link) {
    if (await apply(new URLSearchParams()))
      askAgain(parameters(link).get("q"), new URLSearchParams());
  },
  copy: (link) => copyAnswer(link.closest(".guillemets.answer")),
  link: (link) => copyLink(parameters(link)),
  follow: (link) => follow(parameters(link)),
};

document.addEventListener("click", (event) => {
  const chip = event.target.closest("#filters [data-remove]");
  if (chip) remove(chip);
  const link = event.target.closest(ACTION);
  if (!link) return;
  event.preventDefault();
  const name = link.getAttribute("href").slice(1).split("?")[0];
  if (Object.hasOwn(actions, name)) actions[name](link);
});

// They are announced as buttons, so the space bar presses them too.
document.addEventListener("keydown", (event) => {
  if (event.key !== " " || !event.target.matches?.(ACTION)) return;
  event.preventDefault();
  event.target.click();
});

// An address with a question asks it, once the page is complete.
function askAddress() {
  const opened = new URLSearchParams(location.search);
  const wanted = new URLSearchParams();
  for (const name of ["since", "until", "as_of", "source", "article"])
    for (const value of opened.getAll(name)) if (value) wanted.append(name, value);
  const narrowed = wanted.size ? apply(wanted) : Promise.resolve();
  // Filters that cannot be are answered so.
  if (opened.get("q")) narrowed.then(() => askAgain(opened.get("q"), wanted));
}

new MutationObserver((_, observer) => {
  if (!filters()) return;
  observer.disconnect();
  askAddress();
}).observe(document.body, { childList: true, subtree: true });
