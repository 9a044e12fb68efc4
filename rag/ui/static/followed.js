// The page of followed questions: what a reader has before the eyes waits no longer.
"use strict";
{
  const last = document.body.dataset.last;

  function see() {
    if (last === "0" || document.visibilityState !== "visible") return;
    document.removeEventListener("visibilitychange", see);
    fetch(`followed/seen?${new URLSearchParams({ last })}`, { method: "PUT" });
  }

  document.addEventListener("visibilitychange", see);
  see();
}
