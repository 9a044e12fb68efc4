// Follows a run of gold questions, and shows its result when it has ended.
"use strict";

const EVERY_MS = 700;

async function follow() {
  let running;
  try {
    running = await (await fetch("evaluation/progress")).json();
  } catch {
    // The program may be busy, or gone; the next look will tell.
    setTimeout(follow, EVERY_MS);
    return;
  }
  if (!running) {
    location.reload();
    return;
  }
  const bar = document.getElementById("progress");
  bar.max = Math.max(running.total, 1);
  bar.value = running.done;
  const told = evaluation.running
    .replace("{done}", running.done)
    .replace("{total}", running.total);
  document.getElementById("told-progress").textContent = told;
  setTimeout(follow, EVERY_MS);
}

if (evaluation.isRunning) setTimeout(follow, EVERY_MS);
