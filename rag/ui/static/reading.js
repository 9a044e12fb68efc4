// Reads an answer back from the page, as data for copies and exports.

const text = (element) => element?.textContent ?? "";

// Each citation once, in the order of the page.
function citations(answer) {
  return [...answer.querySelectorAll("figure.citation")].map((figure) => {
    const chip = figure.querySelector("a.chip");
    const reference = new URLSearchParams(chip.getAttribute("href").slice("#source?".length));
    const [start, end] = reference.get("quote").split("-");
    const words = figure.querySelector(".words");
    return {
      number: text(chip.querySelector(".unspoken")),
      words: text(words),
      language: words.getAttribute("lang") ?? "",
      context: text(figure.querySelector(".context [lang]")),
      caption: text(figure.querySelector("figcaption")),
      file: text(figure.querySelector(".origin .file")),
      address: text(figure.querySelector(".origin .address")),
      elsewhere: text(figure.querySelector(".origin .elsewhere")),
      start,
      end,
      place: guillemets.characters.replace("{start}", start).replace("{end}", end),
    };
  });
}

export function readAnswer(answer) {
  return {
    notes: [...answer.querySelectorAll(".understood, .asked-of, .caption")].map(text),
    refusal: [...answer.querySelectorAll(".refusal, .reason")].map(text),
    nearest: answer.querySelector(".nearest") !== null,
    citations: citations(answer),
  };
}

// The conversation: a question and its answer, or what was said instead of one.
export function readConversation() {
  const turns = [];
  for (const message of document.querySelectorAll("#conversation .guillemets")) {
    if (message.matches(".question")) turns.push({ question: text(message), answer: null, said: "" });
    else if (turns.length && message.matches(".answer")) turns.at(-1).answer = readAnswer(message);
    else if (turns.length) turns.at(-1).said = text(message);
  }
  return turns;
}

// Where a citation is from: file, address where one is known, characters, and reprints.
export function origin(citation) {
  const found = [citation.file, citation.address, citation.place].filter(Boolean).join(", ");
  return [found, citation.elsewhere].filter(Boolean).join(". ");
}
