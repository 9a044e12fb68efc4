// « Suivre » under an answer, and the badge of what is new at the top of the page.
import { tell } from "./copying.js";
import { onRebuilt } from "./upkeep.js";

const LATER = 60_000;
const BADGE = ".masthead a.followed .badge";

let waiting = 0;

async function look() {
  clearTimeout(waiting);
  const badge = document.querySelector(BADGE);
  if (!badge) return;
  if (document.visibilityState === "visible") {
    try {
      const response = await fetch("followed/waiting");
      if (response.ok) show(badge, await response.json());
    } catch {
      // The program may be started again meanwhile.
    }
  }
  waiting = setTimeout(look, LATER);
}

function show(badge, { count, words }) {
  badge.textContent = count || "";
  badge.title = count ? words : "";
  badge.nextElementSibling.textContent = count ? ` (${words})` : "";
}

export async function follow(parameters) {
  let told;
  try {
    const response = await fetch(`followed?${parameters}`, { method: "PUT" });
    told = await response.json();
  } catch {
    told = {};
  }
  tell(told.message ?? guillemets.failed);
}

document.addEventListener("visibilitychange", look);
// New articles are asked after they are indexed, which may take a moment.
onRebuilt(() => setTimeout(look, 5000));
look();
