// Renews the parts of a page that say how far a letter is: every few seconds, while somebody looks.
// The server makes every word and every form; without this file, the page's own link does the same.
"use strict";

(() => {
  const bar = document.querySelector("[data-live-bar]");
  const parts = () => [...document.querySelectorAll("[data-live]")];
  if (!bar || parts().length === 0) return;
  const button = bar.querySelector("[data-live-switch]");
  const lost = bar.querySelector("[data-live-lost]");
  const status = bar.querySelector("[data-live-said]");
  const said = new Map(parts().map((each) => [each, figuresOf(each)?.dataset.say]));
  let isOn = true;

  function figuresOf(node) {
    return node.querySelector('[data-part="figures"]');
  }

  async function fetchPart(url) {
    // A login page instead of the part is an error, not an answer.
    const answer = await fetch(url, { redirect: "error", cache: "no-store", credentials: "same-origin" });
    if (!answer.ok) throw new Error(`${answer.status}`);
    return new DOMParser().parseFromString(await answer.text(), "text/html");
  }

  function replace(region, fresh) {
    for (const part of fresh.querySelectorAll("[data-part]")) {
      const old = region.querySelector(`[data-part="${part.dataset.part}"]`);
      // Forms are the same as long as the state is: whoever is about to press one keeps it, and the focus.
      if (!old || old.isEqualNode(part)) continue;
      const hadFocus = old.contains(document.activeElement);
      const next = document.importNode(part, true);
      old.replaceWith(next);
      if (hadFocus) next.focus();
    }
  }

  function renewPills(region) {
    for (const made of region.querySelectorAll("[data-pill-of]")) {
      for (const shown of document.querySelectorAll("[data-pill]")) {
        if (shown.dataset.pill === made.dataset.pillOf) shown.replaceChildren(...made.cloneNode(true).childNodes);
      }
    }
  }

  function say(region) {
    const words = figuresOf(region)?.dataset.say;
    if (words && words !== said.get(region)) {
      said.set(region, words);
      status.textContent = words;
    }
  }

  async function renew() {
    if (!isOn || document.visibilityState !== "visible") return;
    const results = await Promise.allSettled(
      parts().map(async (region) => {
        replace(region, await fetchPart(region.dataset.live));
        renewPills(region);
        say(region);
        // An ended send does not change any more.
        if (figuresOf(region)?.hasAttribute("data-over")) region.removeAttribute("data-live");
      }),
    );
    lost.hidden = results.every((each) => each.status === "fulfilled");
    if (parts().length === 0) button.hidden = true;
  }

  async function beat() {
    await renew();
    if (parts().length > 0) setTimeout(beat, 1000 * Number(bar.dataset.every));
  }

  button.hidden = false;
  button.addEventListener("click", () => {
    isOn = !isOn;
    button.textContent = isOn ? button.dataset.on : button.dataset.off;
    if (isOn) renew();
  });
  setTimeout(beat, 1000 * Number(bar.dataset.every));
})();
