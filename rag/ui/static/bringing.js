// Files that are dropped on the page or picked: sent one after the other, each with what
// became of it, then the index is brought up to date.
import { line, openArticles, say } from "./articles.js";
import { tell } from "./copying.js";
import { update } from "./upkeep.js";

const texts = guillemets.arriving;
const dropping = document.getElementById("dropping");
const STORED = ["brought", "replaced", "kept_both"];

// Whether the file is in the folder now and was not before.
async function send(file, row, clash) {
  if (file.size > guillemets.largestFile) {
    say(row, `${texts.refused} — ${tooLarge(file.size)}`);
    return false;
  }
  say(row, texts.sending);
  const query = new URLSearchParams({ name: file.name, clash });
  let reply = {};
  let status = 0;
  try {
    const response = await fetch(`articles/bring?${query}`, { method: "POST", body: file });
    status = response.status;
    reply = await response.json();
  } catch {
    // A folder, a file that is gone, or no program to send it to.
  }
  if (!reply.outcome) {
    const said = reply.said ?? reply.detail;
    say(row, status === 413 ? `${texts.refused} — ${tooLarge(file.size)}` : (said ?? texts.failed));
    return false;
  }
  const said = [reply.said, reply.reason].filter(Boolean).join(" — ");
  say(row, said, reply.language, reply.outcome === "clashes" ? choices(file, row) : []);
  row.dataset.outcome = reply.outcome;
  return STORED.includes(reply.outcome);
}

function choices(file, row) {
  const choose = async (clash) => (await send(file, row, clash)) && update();
  return [
    [texts.replace, () => choose("replace")],
    [texts.keepBoth, () => choose("keep_both")],
  ];
}

function tooLarge(size) {
  return texts.tooLarge
    .replace("{size}", size)
    .replace("{most}", guillemets.largestFile)
    .replace("{setting}", "max_file_bytes");
}

async function bring(files) {
  if (!guillemets.largestFile) {
    tell(texts.readOnly);
    return;
  }
  openArticles();
  const rows = files.map((file) => [file, line(file.name)]);
  let stored = false;
  for (const [file, row] of rows) stored = (await send(file, row, "ask")) || stored;
  if (stored) update();
}

document.getElementById("pick")?.addEventListener("change", (event) => {
  bring([...event.target.files]);
  event.target.value = "";
});

const hasFiles = (event) => event.dataTransfer?.types.includes("Files");

// Taken even where nothing may be brought: the browser would leave the page for the file.
for (const name of ["dragenter", "dragover"])
  document.addEventListener(name, (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    dropping.hidden = !guillemets.largestFile;
  });
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) dropping.hidden = true;
});
document.addEventListener(
  "drop",
  (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    event.stopPropagation();
    dropping.hidden = true;
    bring([...event.dataTransfer.files]);
  },
  true,
);
