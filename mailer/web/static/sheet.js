// A page made for paper: its text can be copied and it can be printed by a button. Without this file, by the browser's own menus.
"use strict";

(() => {
  const status = document.querySelector("[data-copied]");
  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
  for (const button of document.querySelectorAll("[data-copy]")) {
    // Browsers give the clipboard to pages of https and of this machine only.
    if (!navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
      status.textContent = status.dataset.copied;
    });
  }
})();
