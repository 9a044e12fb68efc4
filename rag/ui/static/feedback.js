// What the reader says of a quote: pressed buttons, kept by the server at once.
import { tell } from "./copying.js";

const VERDICT = "#conversation .kept a.verdict";

// What was said since the messages were drawn, by quote: Gradio may draw them again as they were.
const said = new Map();

let judging = Promise.resolve();

function read(link) {
  const about = new URLSearchParams(link.getAttribute("href").slice("#verdict?".length));
  const turn = link.closest(".kept").id.split("-")[2];
  return { quote: `${turn}/${about.get("citation")}`, verdict: about.get("as") };
}

function mark() {
  for (const link of document.querySelectorAll(VERDICT)) {
    const { quote, verdict } = read(link);
    const isPressed = said.has(quote)
      ? said.get(quote) === verdict
      : link.classList.contains("pressed");
    const pressed = String(isPressed);
    if (link.getAttribute("aria-pressed") !== pressed) link.setAttribute("aria-pressed", pressed);
  }
}

// A second press takes it back.
async function judge(link) {
  const { quote, verdict } = read(link);
  const isPressed = link.getAttribute("aria-pressed") === "true";
  const address = `verdicts/${quote}${isPressed ? "" : `?${new URLSearchParams({ as: verdict })}`}`;
  let told;
  try {
    const response = await fetch(address, { method: isPressed ? "DELETE" : "PUT" });
    told = await response.json();
  } catch {
    told = { message: guillemets.failed };
  }
  if (typeof told.verdict === "string") {
    said.set(quote, told.verdict);
    mark();
    tell(told.verdict ? guillemets.verdictKept : guillemets.verdictTakenBack);
  } else tell(told.message ?? guillemets.failed);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest(VERDICT);
  if (!link) return;
  event.preventDefault();
  // One after the other, as the next press depends on what became of this one.
  judging = judging.then(() => judge(link));
});

// What is drawn anew from the server knows best.
document.addEventListener("conversation-opens", () => said.clear());

new MutationObserver(mark).observe(document.body, { childList: true, subtree: true });
