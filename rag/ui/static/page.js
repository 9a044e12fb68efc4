// The source panel beside the chat, and the card over a chip.
// Listeners stand on the document: Gradio draws its messages again and again.
"use strict";

const CHIP = 'a.chip[href^="#source?"]';
// Another article that says a quote too: it opens like a chip, and is no stop of the walk.
const REPRINT = 'a.reprint[href^="#source?"]';
const ANSWER = ".guillemets.answer";
const SOURCE = "#source?";

let openChip = null;

document.addEventListener("DOMContentLoaded", () => {
  const panel = document.getElementById("source-panel");
  const content = document.getElementById("source-content");
  const card = document.getElementById("hover-card");

  // The chips of one answer, each reference once, in the order of their numbers.
  function walk(chip) {
    const seen = new Map();
    for (const other of chip.closest(ANSWER).querySelectorAll(CHIP)) {
      const reference = other.getAttribute("href");
      if (!seen.has(reference)) seen.set(reference, other);
    }
    return [...seen.values()];
  }

  function reference(chip) {
    return new URLSearchParams(chip.getAttribute("href").slice(SOURCE.length));
  }

  function request(chip) {
    const query = reference(chip);
    for (const other of walk(chip).map(reference)) {
      if (other.get("article") === query.get("article") && other.get("quote") !== query.get("quote"))
        query.append("other", other.get("quote"));
    }
    return `source?${query}`;
  }

  async function open(chip) {
    if (!(await load(chip, request(chip)))) return;
    address(chip.getAttribute("href"));
    show(chip);
  }

  // A whole article, without a quote; what opened it gets the focus back.
  guillemets.openArticle = (article, opener) =>
    openAlone(`${SOURCE}${new URLSearchParams({ article })}`, opener);

  async function openAlone(reference, opener) {
    if (!(await load(opener, reference.slice(1)))) return;
    address(reference);
    document.getElementById("source-position").textContent = "";
    reveal(true);
  }

  // What the panel shows is in the address, so that the browser's buttons walk through it.
  function address(reference) {
    if (location.hash === reference) return;
    history.pushState(null, "", reference || location.pathname + location.search);
  }

  function showAddress() {
    if (!location.hash.startsWith(SOURCE)) return hide();
    const chips = [...document.querySelectorAll(`${CHIP}, ${REPRINT}`)];
    const chip = chips.findLast((one) => one.getAttribute("href") === location.hash);
    if (chip) open(chip);
    else openAlone(location.hash, document.querySelector("#question textarea"));
  }

  // What was left out of an article is read from its file, once, when it is asked for.
  content.addEventListener(
    "toggle",
    async (event) => {
      const place = event.target.querySelector?.("[data-left-out]");
      if (!place || !event.target.open) return;
      const article = place.dataset.leftOut;
      delete place.dataset.leftOut;
      try {
        const response = await fetch(`left_out?${new URLSearchParams({ article })}`);
        const isPage = response.headers.get("content-type")?.startsWith("text/html");
        if (!isPage) throw new Error(response.statusText);
        place.innerHTML = await response.text();
      } catch {
        place.textContent = guillemets.unreachable;
        place.dataset.leftOut = article;
      }
    },
    true,
  );

  addEventListener("popstate", showAddress);
  if (location.hash.startsWith(SOURCE)) showAddress();

  // Whether the page behind the address is what is still wanted, and is in the panel now.
  async function load(chip, address) {
    openChip = chip;
    hideCard();
    let page;
    try {
      const response = await fetch(address);
      // What is not a page, such as a refusal in JSON, is not escaped for one.
      const isPage = response.headers.get("content-type")?.startsWith("text/html");
      page = isPage ? await response.text() : "";
    } catch {
      page = "";
    }
    if (openChip !== chip) return false;
    if (page) content.innerHTML = page;
    else content.textContent = guillemets.unreachable;
    return true;
  }

  function show(chip) {
    const chips = walk(chip);
    const href = chip.getAttribute("href");
    const position = chips.findIndex((other) => other.getAttribute("href") === href);
    document.getElementById("source-position").textContent =
      position < 0
        ? ""
        : guillemets.position
            .replace("{number}", position + 1)
            .replace("{count}", chips.length);
    for (const other of document.querySelectorAll(`${CHIP}.open`)) other.classList.remove("open");
    for (const other of chip.closest(ANSWER).querySelectorAll(CHIP))
      other.classList.toggle("open", other.getAttribute("href") === href);
    reveal(false);
  }

  function reveal(alone) {
    panel.classList.toggle("alone", alone);
    panel.hidden = false;
    document.body.classList.add("source-open");
    content.focus({ preventScroll: true });
    centre(content.querySelector("#cited"));
  }

  function centre(mark) {
    content.scrollTop = 0;
    if (!mark) return;
    const [box, place] = [content.getBoundingClientRect(), mark.getBoundingClientRect()];
    const above = Math.max((box.height - place.height) / 2, 0);
    content.scrollTop = place.top - box.top - above;
  }

  function close() {
    if (panel.hidden) return;
    address("");
    hide();
  }

  function hide() {
    if (panel.hidden) return;
    panel.hidden = true;
    document.body.classList.remove("source-open");
    for (const chip of document.querySelectorAll(`${CHIP}.open`)) chip.classList.remove("open");
    if (openChip?.isConnected) openChip.focus();
    openChip = null;
  }

  guillemets.closeSource = close;

  function step(by) {
    if (!openChip?.isConnected || !openChip.matches(`${CHIP}, ${REPRINT}`)) return;
    const chips = walk(openChip);
    const href = openChip.getAttribute("href");
    const at = chips.findIndex((chip) => chip.getAttribute("href") === href);
    const from = at < 0 && by < 0 ? 0 : at;
    open(chips[(from + by + chips.length) % chips.length]);
  }

  const actions = { close, previous: () => step(-1), next: () => step(1) };

  document.addEventListener("click", (event) => {
    const chip = event.target.closest(`${CHIP}, ${REPRINT}`);
    const action = event.target.closest("[data-action]")?.dataset.action;
    if (chip) {
      event.preventDefault();
      open(chip);
    } else if (action) actions[action]();
  });

  document.addEventListener("keydown", (event) => {
    // A French keyboard has its brackets behind AltGr, which may come with Control.
    const isCommand =
      (event.ctrlKey || event.metaKey) && !event.getModifierState("AltGraph");
    if (panel.hidden || isCommand) return;
    if (event.key === "Escape") close();
    else if (event.target.matches("input, textarea")) return;
    else if (event.key === "[") step(-1);
    else if (event.key === "]") step(1);
  });

  function showCard(chip) {
    const href = chip.getAttribute("href");
    const figure = [...chip.closest(ANSWER).querySelectorAll("figure")].find(
      (candidate) => candidate.querySelector(CHIP)?.getAttribute("href") === href,
    );
    if (!figure) return;
    const words = document.createElement("p");
    words.append("«\u202f", figure.querySelector(".words").cloneNode(true), "\u202f»");
    const source = document.createElement("p");
    source.className = "meta";
    source.textContent = figure.querySelector("figcaption").textContent;
    card.replaceChildren(words, source);
    card.hidden = false;
    const [place, size] = [chip.getBoundingClientRect(), card.getBoundingClientRect()];
    const left = Math.min(Math.max(place.left, 8), innerWidth - size.width - 8);
    const below = place.bottom + 6;
    card.style.left = `${left}px`;
    card.style.top = `${below + size.height < innerHeight ? below : place.top - size.height - 6}px`;
  }

  function hideCard() {
    card.hidden = true;
  }

  for (const [begin, end] of [["mouseover", "mouseout"], ["focusin", "focusout"]]) {
    document.addEventListener(begin, (event) => {
      const chip = event.target.closest?.(CHIP);
      if (chip) showCard(chip);
    });
    document.addEventListener(end, hideCard);
  }
  document.addEventListener("scroll", hideCard, true);
});
