// What is wrong, said beside its field; the counts of characters; the line of the inbox.
import { MERGE_FIELDS, partsOf } from "./rich/escaping.js";

export function markFields(form, entries, source) {
  for (const old of form.querySelectorAll(`[data-said-by="${source}"]`)) clear(form, old);
  for (const entry of entries) {
    const message = document.getElementById(`${entry.at}-m`);
    if (!message || (message.dataset.saidBy && message.dataset.saidBy !== source)) continue;
    message.dataset.saidBy = source;
    message.hidden = false;
    message.className = `msg msg--${entry.severity === "blocking" ? "fail" : "warn"}`;
    message.querySelector("span").textContent = entry.sentence;
    const field = document.getElementById(entry.at);
    if (field && entry.severity === "blocking") field.ariaInvalid = "true";
  }
}

// One field is refused before anything is sent; said until the next save.
export function refuse(id, sentence) {
  const message = document.getElementById(`${id}-m`);
  message.dataset.saidBy = "refused";
  message.hidden = false;
  message.className = "msg msg--fail";
  message.querySelector("span").textContent = sentence;
}

function clear(form, message) {
  message.hidden = true;
  delete message.dataset.saidBy;
  const field = document.getElementById(message.id.replace(/-m$/, ""));
  if (field) field.removeAttribute("aria-invalid");
}

export function count(form) {
  for (const meter of form.querySelectorAll("[data-meter]")) {
    const field = document.getElementById(meter.dataset.meter);
    const most = Number(meter.dataset.most);
    const length = [...field.value].length;
    const words = meter.querySelector("[data-words]");
    words.textContent = words.dataset.words.replace("{count}", length).replace("{most}", most);
    meter.querySelector("progress").value = Math.min(length, most);
    meter.dataset.state = length > most ? "warn" : "";
  }
  for (const hint of form.querySelectorAll("[data-count]")) {
    const length = [...document.getElementById(hint.dataset.count).value].length;
    const most = Number(hint.dataset.most);
    hint.textContent = length > most * 0.8 ? `${length} / ${most}` : "";
    hint.classList.toggle("msg--warn", length > most);
  }
}

// The line of the inbox at once; what stands in braces, as soon as the server has said what this person reads there.
export function mirror(form, panel) {
  for (const place of form.querySelectorAll("[data-mirror]")) {
    const typed = form.elements[place.dataset.mirror].value;
    if (!typed.includes("{{")) place.textContent = typed;
    else if (panel?.dataset[place.dataset.mirror] !== undefined) place.textContent = panel.dataset[place.dataset.mirror];
  }
}

// Unfolds what is around a field and goes there.
export function goTo(id) {
  const found = document.getElementById(id);
  if (!found) return;
  const fold = found.closest("details") || found.querySelector("details");
  if (fold) fold.open = true;
  found.focus();
  found.scrollIntoView({ block: "center" });
}

// The first words of a field as they are read, without the signs of merge fields and of Markdown: what a block's bar says.
// See composing_summary.py.
export function spoken(value, { isText }) {
  const said = value.replace(MERGE_FIELDS, (field) => partsOf(field).fallback || "…");
  const words = isText ? said.replace(/\[([^\]]*)\]\((?:\\.|[^)\\\s])*\)/g, "$1").replace(/(?<!\\)\*+/g, "").replace(/\\(?=[^\w\s])/g, "") : said;
  return words.replace(/\s+/g, " ").trim().slice(0, 90);
}

// How many mistakes a folded block holds, on its bar.
export function flag(form, entries, panel) {
  for (const place of form.querySelectorAll("[data-flags]")) {
    const mine = entries.filter((each) => each.at.match(/^(?:b|bloc-)(\d+)/)?.[1] === place.dataset.flags);
    const pills = [["blocking", "fail"], ["warning", "warn"]].map(([severity, look]) => {
      const number = mine.filter((each) => each.severity === severity).length;
      if (!number) return null;
      const pill = document.createElement("span");
      pill.className = `pill pill--${look}`;
      const words = document.createElement("span");
      words.className = "vh";
      words.textContent = ` ${form.dataset[severity]}`;
      pill.append(panel.querySelector(`.chk--${look} svg`).cloneNode(true), String(number), words);
      return pill;
    });
    place.replaceChildren(...pills.filter(Boolean));
  }
}
