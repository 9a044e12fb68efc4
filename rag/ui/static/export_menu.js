// « Exporter »: gives the conversation as a file, made here, in the browser.
import { toHtml, toMarkdown } from "./exporting.js";
import { readConversation } from "./reading.js";

const formats = {
  markdown: { make: toMarkdown, type: "text/markdown", ending: "md" },
  html: { make: toHtml, type: "text/html", ending: "html" },
};

document.addEventListener("click", (event) => {
  const menu = document.getElementById("export");
  const format = event.target.closest("[data-export]")?.dataset.export;
  if (format) {
    give(formats[format]);
    menu.querySelector("summary").focus();
  }
  if (menu && (format || !event.target.closest("#export"))) menu.open = false;
});

document.addEventListener("keydown", (event) => {
  const menu = document.getElementById("export");
  if (event.key !== "Escape" || !menu?.open) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

function give({ make, type, ending }) {
  const file = new Blob([make(readConversation())], { type: `${type};charset=utf-8` });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = `guillemets-${new Date().toISOString().slice(0, 10)}.${ending}`;
  link.click();
  // The browser reads it a little later.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
