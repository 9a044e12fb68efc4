// The turns of the conversation: how they are spoken, where a new one stands, which are folded.
"use strict";
{
  const QUESTION = "#conversation .guillemets.question";
  // So many of the last answers stay open; the ones before wait for a click.
  const OPEN_ANSWERS = 5;

  // A message's label would otherwise be its HTML source, read out loud.
  function label(message) {
    const question = message.querySelector(".guillemets.question");
    const spoken = question
      ? guillemets.reader.replace("{text}", question.textContent)
      : guillemets.answer;
    if (message.getAttribute("aria-label") !== spoken) message.setAttribute("aria-label", spoken);
    head(question?.querySelector("p"), 2);
    for (const title of message.querySelectorAll(".guillemets p.label, .guillemets .refusal"))
      head(title, 3);
    for (const title of message.querySelectorAll("figcaption .title")) head(title, 4);
  }

  // What a screen reader goes to: the questions, the parts of an answer, its quotes' articles.
  function head(title, level) {
    if (!title || title.getAttribute("role") === "heading") return;
    title.setAttribute("role", "heading");
    title.setAttribute("aria-level", level);
  }

  // Gradio calls the examples a list, whose items they are not, and names them in English.
  function group(examples) {
    if (examples.getAttribute("role") === "list") examples.setAttribute("role", "group");
    for (const example of examples.querySelectorAll("[aria-label]"))
      example.removeAttribute("aria-label");
  }

  const answerOf = (question) => question.closest(".message-row")?.nextElementSibling;

  function fold(question, isFolded) {
    const [button, answer] = [question.querySelector("button.fold"), answerOf(question)];
    if (!button || !answer) return;
    answer.dataset.folded = isFolded;
    button.setAttribute("aria-expanded", !isFolded);
    button.setAttribute("aria-label", guillemets.fold);
  }

  function foldOlder(questions) {
    for (const question of questions.slice(0, -OPEN_ANSWERS))
      if (answerOf(question)?.dataset.folded === undefined) fold(question, true);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("#conversation button.fold");
    if (button) fold(button.closest(QUESTION), button.getAttribute("aria-expanded") !== "false");
  });

  // A new question goes to the top, so that its answer is read from its beginning: the style
  // sheet gives the last answer the room for it before it is there.
  let questions = 0;
  function look() {
    for (const message of document.querySelectorAll("#conversation [data-testid][aria-label]"))
      label(message);
    for (const examples of document.querySelectorAll("#conversation .examples")) group(examples);
    const asked = [...document.querySelectorAll(QUESTION)];
    if (asked.length > questions) {
      foldOlder(asked);
      asked.at(-1).scrollIntoView({ block: "start" });
      if (matchMedia("(hover: hover)").matches)
        document.querySelector("#question textarea")?.focus({ preventScroll: true });
    }
    questions = asked.length;
  }

  document.addEventListener("DOMContentLoaded", () =>
    new MutationObserver(look).observe(document.body, {
      childList: true,
      subtree: true,
      attributes: true,
      attributeFilter: ["aria-label"],
    }),
  );
}
