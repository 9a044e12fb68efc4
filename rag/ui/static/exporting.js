// The conversation as a file, Markdown or HTML. Nothing in it is markup but what is written here.
import { origin } from "./reading.js";

const quoted = (words) => `«\u202f${words}\u202f»`;

// Backslashes before what Markdown would read; references for the spaces that it would drop.
export function escapeMarkdown(text) {
  return text
    .replace(/[\\`*_[\]{}<>&|~$#!]/g, "\\$&")
    .replace(/^([ \t]*)([-+=:])/gm, "$1\\$2")
    .replace(/^([ \t]*\d+)([.)])/gm, "$1\\$2")
    .replace(/^[ \t]+|[ \t]+$/gm, (spaces) =>
      [...spaces].map((space) => `&#${space.codePointAt(0)};`).join(""),
    );
}

export function escapeHtml(text) {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.codePointAt(0)};`);
}

// What `rag verify --quotes` reads; no reader sees it.
function markdownPlace({ number, file, start, end }) {
  const place = JSON.stringify({ number, path: file, start: Number(start), end: Number(end) });
  const escaped = place.replace(
    /[<>-]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return `> <!-- guillemets ${escaped} -->`;
}

const block = (text) => text.split("\n").map((line) => `> ${line}`.trimEnd()).join("\n");

function markdownCitation({ words, context, number, caption, ...where }) {
  const before = context
    ? [block(escapeMarkdown(`${guillemets.context} ${quoted(context)}`)), ">"]
    : [];
  return [
    ...before,
    block(escapeMarkdown(`${quoted(words)} [${number}]`)),
    ">",
    block(escapeMarkdown(`[${number}] ${caption}. ${origin(where)}.`)),
    ">",
    markdownPlace({ number, ...where }),
  ].join("\n");
}

function markdownTurn({ question, answer, said }) {
  const parts = [`## ${escapeMarkdown(question.replace(/\s+/g, " "))}`];
  if (said) parts.push(escapeMarkdown(said));
  if (answer) {
    parts.push(...[...answer.notes, ...answer.refusal].map(escapeMarkdown));
    if (answer.nearest) parts.push(escapeMarkdown(guillemets.nearest));
    parts.push(...answer.citations.map(markdownCitation));
  }
  return parts.join("\n\n");
}

export function toMarkdown(turns) {
  const parts = [
    `# ${escapeMarkdown(guillemets.exportTitle)}`,
    ...turns.map(markdownTurn),
    "---",
    escapeMarkdown(guillemets.exportNote),
  ];
  return `${parts.join("\n\n")}\n`;
}

const paragraph = (text) => `<p>${escapeHtml(text)}</p>`;

function htmlCitation(citation) {
  const { words, context, number, caption, language, address } = citation;
  const spoken = language ? ` lang="${escapeHtml(language)}"` : "";
  const before = context
    ? `<p class="note">${escapeHtml(guillemets.context)} «\u202f<span${spoken}>${escapeHtml(context)}</span>\u202f»</p>`
    : "";
  const link = address
    ? `<a href="${escapeHtml(address)}" rel="noopener noreferrer nofollow">${escapeHtml(address)}</a>, `
    : "";
  const file = `${escapeHtml(citation.file)}, `;
  const elsewhere = citation.elsewhere ? ` ${escapeHtml(citation.elsewhere)}.` : "";
  return (
    `<figure data-number="${escapeHtml(number)}" data-path="${escapeHtml(citation.file)}" data-start="${escapeHtml(citation.start)}" data-end="${escapeHtml(citation.end)}">${before}<blockquote>«\u202f<span class="words"${spoken}>${escapeHtml(words)}</span>\u202f» [${escapeHtml(number)}]</blockquote>` +
    `<figcaption>[${escapeHtml(number)}] ${escapeHtml(caption)}. ${file}${link}${escapeHtml(citation.place)}.${elsewhere}</figcaption></figure>`
  );
}

function htmlTurn({ question, answer, said }) {
  const parts = [`<h2>${escapeHtml(question)}</h2>`];
  if (said) parts.push(paragraph(said));
  if (answer) {
    parts.push(...[...answer.notes, ...answer.refusal].map(paragraph));
    if (answer.nearest) parts.push(paragraph(guillemets.nearest));
    parts.push(...answer.citations.map(htmlCitation));
  }
  return `<section>${parts.join("\n")}</section>`;
}

const STYLE =
  ":root{color-scheme:light dark}body{max-width:46rem;margin:2rem auto;padding:0 1.25rem;" +
  "font:1rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}figure{margin:0 0 1.75rem;" +
  "padding-left:1rem;border-left:2px solid}blockquote{margin:0;font:1.15rem/1.6 Georgia,serif}" +
  ".words,h2{white-space:pre-wrap}figcaption,.note{font-size:.875rem}";

export function toHtml(turns) {
  const title = escapeHtml(guillemets.exportTitle);
  return (
    `<!doctype html>\n<html lang="${escapeHtml(guillemets.language)}"><head><meta charset="utf-8">` +
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">` +
    `<meta name="viewport" content="width=device-width"><title>${title}</title>` +
    `<style>${STYLE}</style></head><body>\n<h1>${title}</h1>\n` +
    `${turns.map(htmlTurn).join("\n")}\n<hr>\n${paragraph(guillemets.exportNote)}\n</body></html>\n`
  );
}
