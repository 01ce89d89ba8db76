// Who else has this letter open, and whether its file has been changed elsewhere: asked every few seconds.

const EVERY = 15000;

export function watchPresence(form, saving, merging) {
  async function ask() {
    if (document.visibilityState !== "visible") return;
    const before = form.elements.base.value;
    const answer = await fetch(`${form.dataset.base}/presence`, { redirect: "error", cache: "no-store", credentials: "same-origin" });
    if (!answer.ok) return;
    const said = await answer.json();
    const others = form.querySelector("[data-others]");
    others.hidden = said.others.length === 0;
    others.querySelector("span").textContent = form.dataset.here.replace("{names}", said.others.join(", "));
    if (said.closed) saving.tell(said.closed);
    else if (saving.isIdle(0) && form.elements.base.value === before) merging.note(said.version);
  }

  async function beat() {
    try {
      await ask();
    } catch {
      // The server is away: saving says so.
    }
    setTimeout(beat, EVERY);
  }

  setTimeout(beat, EVERY);
  // Back from an editor: at once.
  addEventListener("focus", () => ask().catch(() => {}));
}
