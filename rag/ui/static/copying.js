// Copies an answer with its footnotes, or a link that asks its question again.
import { origin, readAnswer } from "./reading.js";

const quoted = (words) => `«\u202f${words}\u202f»`;

export function answerText({ notes, refusal, nearest, citations }) {
  const parts = [...notes, ...refusal];
  if (nearest) parts.push(guillemets.nearest);
  for (const { number, words, context } of citations) {
    const before = context ? `(${guillemets.context} ${quoted(context)}) ` : "";
    parts.push(`${before}${quoted(words)} [${number}]`);
  }
  const footnotes = citations.map(
    (one) => `[${one.number}] ${one.caption}. ${origin(one)}.`,
  );
  if (footnotes.length) parts.push(footnotes.join("\n"));
  return `${parts.join("\n\n")}\n`;
}

export function copyAnswer(answer) {
  copy(answerText(readAnswer(answer)), guillemets.copied);
}

export function copyLink(parameters) {
  copy(`${location.origin}${location.pathname}?${parameters}`, guillemets.linkCopied);
}

async function copy(text, done) {
  let copied = true;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    copied = copyBySelection(text);
  }
  tell(copied ? done : guillemets.copyFailed);
}

// Where the page is not served securely, browsers have no clipboard for it.
function copyBySelection(text) {
  const focused = document.activeElement;
  const area = document.createElement("textarea");
  area.value = text;
  area.style.position = "fixed";
  document.body.append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  focused?.focus();
  return copied;
}

let forgetting = 0;

export function tell(words) {
  const told = document.getElementById("told");
  told.textContent = words;
  clearTimeout(forgetting);
  forgetting = setTimeout(() => (told.textContent = ""), 4000);
}
