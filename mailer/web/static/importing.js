// While a large file is read: how far it is. The server makes every word; without this file the browser's own sign of waiting stays.
"use strict";

(() => {
  const region = document.querySelector("[data-advance]");
  if (!region) return;
  const waiting = region.innerHTML;
  let timer = 0;

  async function renew() {
    try {
      const answer = await fetch(region.dataset.advance, { redirect: "error", cache: "no-store", credentials: "same-origin" });
      if (answer.status === 200) {
        const made = new DOMParser().parseFromString(await answer.text(), "text/html");
        region.replaceChildren(...document.importNode(made.body, true).childNodes);
      }
    } catch {
      // The next try may succeed; what is shown stays.
    }
    timer = setTimeout(renew, 800);
  }

  document.addEventListener("submit", (event) => {
    if (!event.target.hasAttribute("data-takes-long") || timer) return;
    region.hidden = false;
    timer = setTimeout(renew, 400);
  });
  // Back from another page: nothing is under way any more.
  window.addEventListener("pageshow", () => {
    clearTimeout(timer);
    timer = 0;
    region.hidden = true;
    region.innerHTML = waiting;
  });
})();
