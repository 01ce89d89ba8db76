// The real mail beside the form: renewed after each save, in the place where it was scrolled to.
import { flag, markFields, mirror } from "./fields.js";

// A frame that is taken away while it loads never arrives.
const PATIENCE = 10_000;

export function watchPreview(form) {
  let view = form.elements.view.value;
  let wanted = null;
  let isWorking = false;
  let latest = null;
  let shown = "";
  // Whom the mail is shown as, by number: no address stands in what is fetched.
  let reader = form.elements.pour.dataset.reader;

  const panel = () => form.querySelector("[data-checks]");
  const frame = () => form.querySelector("[data-frame]:not(.is-coming)");

  function query() {
    return new URLSearchParams({ vue: view, pour: reader, page: form.elements.page.value, v: form.elements.base.value });
  }

  // One renewal at a time; of those that wait only the last is made.
  async function refresh() {
    wanted = query();
    if (isWorking) return;
    isWorking = true;
    while (wanted) {
      const asked = wanted;
      wanted = null;
      try {
        await renew(asked);
      } catch {
        // The server is away: saving says so, and the next save renews the preview.
      }
    }
    isWorking = false;
  }

  // The picture first, its checks after it: they take as long again, and nobody reads them while typing.
  async function renew(asked) {
    const { fresh, arrived } = load(asked);
    await arrived;
    if (isMail(fresh)) exchange(frame(), fresh);
    else fresh.remove();
    latest = asked;
    renewPanel(asked).catch(() => {});
  }

  // None where the file has mistakes, a newer version is on its way, the session has ended, or an act has put new parts
  // in the place of the page's.
  function isMail(fresh) {
    return fresh.isConnected && fresh.contentDocument?.documentElement.dataset.mail !== undefined;
  }

  async function renewPanel(asked) {
    const answer = await fetch(`${form.dataset.base}/controles?${asked}`, { redirect: "error", cache: "no-store", credentials: "same-origin" });
    if (answer.status !== 200 || latest !== asked) return;
    const found = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = found.querySelector("[data-checks]");
    for (const part of ["[data-review]", "[data-review-pill]"]) showReading(found.querySelector(part), part);
    if (fresh && !fresh.isEqualNode(panel())) replacePanel(document.importNode(fresh, true));
    form.querySelector("[data-stale]").hidden = fresh?.dataset.preview !== "no";
  }

  // Any change voids an approval: that shows at once.
  function showReading(fresh, part) {
    if (!fresh) return;
    for (const old of form.querySelectorAll(part)) if (!old.isEqualNode(fresh)) old.replaceWith(document.importNode(fresh, true));
  }

  function replacePanel(fresh) {
    const scrolled = panel().querySelector("ul").scrollTop;
    const held = panel().contains(document.activeElement) ? document.activeElement.dataset.go : null;
    panel().replaceWith(fresh);
    panel().querySelector("ul").scrollTop = scrolled;
    if (held) (panel().querySelector(`[data-go="${CSS.escape(held)}"]`) || form.querySelector("[data-panel] summary")).focus();
    showChecks();
  }

  function showChecks() {
    const counts = panel().querySelector("[data-counts]").cloneNode(true);
    form.querySelector("[data-counts-shown]").replaceChildren(...counts.childNodes);
    form.querySelector("[data-blocking-count]").textContent = panel().dataset.blocking;
    const entries = [...panel().querySelectorAll("[data-at]")].map((each) => ({
      at: each.dataset.at,
      severity: each.dataset.severity,
      sentence: each.querySelector("[data-sentence]").textContent,
    }));
    markFields(form, entries, "checks");
    mirror(form, panel());
    flag(form, entries, panel());
  }

  // Behind the old mail, which stays until the new one is there.
  function load(asked) {
    const fresh = document.createElement("iframe");
    fresh.className = `preview${view === "telephone" ? " preview--phone" : ""} is-coming`;
    fresh.title = frame().title;
    fresh.setAttribute("sandbox", "allow-same-origin");
    fresh.dataset.frame = "";
    const arrived = new Promise((resolve) => {
      fresh.addEventListener("load", resolve, { once: true });
      setTimeout(resolve, PATIENCE);
    });
    fresh.src = `${form.dataset.base}/apercu?${asked}`;
    frame().after(fresh);
    return { fresh, arrived };
  }

  function exchange(old, fresh) {
    const top = old.contentDocument?.scrollingElement?.scrollTop || 0;
    fresh.classList.remove("is-coming");
    old.remove();
    if (fresh.contentDocument?.scrollingElement) fresh.contentDocument.scrollingElement.scrollTop = top;
    outline();
  }

  async function showTo() {
    const asked = new FormData();
    for (const name of ["csrf", "pour"]) asked.set(name, form.elements[name].value);
    let said;
    try {
      const answer = await fetch(`${form.dataset.base}/lecteur`, { method: "POST", body: asked, redirect: "error", credentials: "same-origin" });
      said = await answer.json();
    } catch {
      // The server is away, or the session has ended: saving says so.
      return;
    }
    const [field, words] = [form.elements.pour, form.querySelector("[data-reader-said]")];
    words.textContent = said.refused || said.said;
    words.classList.toggle("msg--fail", Boolean(said.refused));
    field.ariaInvalid = said.refused ? "true" : null;
    if (said.refused) return;
    reader = said.reader;
    refresh();
  }

  function choose(chosen) {
    view = chosen;
    form.elements.view.value = chosen;
    for (const tab of form.querySelectorAll("[data-view]")) tab.ariaPressed = String(tab.dataset.view === chosen);
    refresh();
  }

  // The block that is being written is found in the mail by its title or its first words.
  function outline() {
    const mail = frame()?.contentDocument;
    if (!mail?.body) return;
    for (const each of mail.querySelectorAll("td")) each.style.outline = "";
    const block = document.activeElement?.closest?.("[data-block]");
    const words = block?.querySelector(".block__sum").textContent.trim();
    if (!words) return;
    const found = [...mail.querySelectorAll("h1,h2,h3,p,a,td")].find((each) => plain(each.textContent).startsWith(plain(words)));
    const cell = found?.closest("td") || found;
    if (!cell) return;
    cell.style.outline = "2px solid #0d5c59";
    cell.style.outlineOffset = "-2px";
    // Whoever goes to another block sees it; whoever stays keeps the place that they scrolled to.
    if (shown !== block.id) bringIntoView(mail.scrollingElement, cell.getBoundingClientRect());
    shown = block.id;
  }

  // By hand: the browser's own way would scroll the page around the frame as well.
  function bringIntoView(scroller, box) {
    const isSeen = box.top >= 0 && box.bottom <= scroller.clientHeight;
    if (!isSeen) scroller.scrollTop += box.top - 24;
  }

  function plain(text) {
    return text.replace(/[*_[\]\\]/g, "").replace(/\s+/g, " ").trim().slice(0, 60);
  }

  form.addEventListener("focusin", outline);
  return { refresh, choose, showTo, showChecks };
}
