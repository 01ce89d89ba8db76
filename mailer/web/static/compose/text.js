// Bold, italic, links and lists in a text, as Markdown: by buttons, or Ctrl+B, Ctrl+I, Ctrl+K; fields by a dialog.
import { MERGE_FIELD } from "./rich/escaping.js";

const AROUND = { bold: "**", italic: "*" };

// `inserting`: see inserting.js.
export function watchText(form, inserting) {
  form.addEventListener("keydown", (event) => {
    if (toolbarKeys(event)) return;
    const mark = { b: "bold", i: "italic", k: "link" }[event.key.toLowerCase()];
    if (!mark || !(event.ctrlKey || event.metaKey) || event.altKey || event.target.tagName !== "TEXTAREA") return;
    event.preventDefault();
    apply(event.target, mark);
  });
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-mark]");
    if (!button) return;
    const area = document.getElementById(button.closest("[role=toolbar]").getAttribute("aria-controls"));
    if (area.tagName === "TEXTAREA") apply(area, button.dataset.mark);
  });

  // One stop of the Tab key per toolbar; the arrows go from button to button.
  function toolbarKeys(event) {
    const button = event.target.closest("[role=toolbar] button");
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!button || !step) return false;
    const all = [...button.closest("[role=toolbar]").querySelectorAll("button")];
    const next = all[(all.indexOf(button) + step + all.length) % all.length];
    for (const each of all) each.tabIndex = each === next ? 0 : -1;
    next.focus();
    return true;
  }

  function apply(area, mark) {
    area.focus();
    if (mark === "list") list(area, /^- /, () => "- ");
    else if (mark === "numbers") list(area, /^\d+\. /, (number) => `${number}. `);
    else if (mark === "link") link(area);
    else if (mark === "merge") merge(area);
    else wrap(area, AROUND[mark]);
  }

  // The caret is where it was when the dialog closes.
  function merge(area) {
    const { selectionStart: start, selectionEnd: end, value } = area;
    const chosen = value.slice(start, end);
    const place = (source) => {
      area.focus();
      put(area, start, end, source, source.length, 0);
    };
    inserting.ask(MERGE_FIELD.test(chosen) ? chosen : null, { place, leave: () => area.focus() });
  }

  function wrap(area, sign) {
    const { selectionStart: start, selectionEnd: end, value } = area;
    const chosen = value.slice(start, end);
    const isMarked = value.slice(start - sign.length, start) === sign && value.slice(end, end + sign.length) === sign;
    if (isMarked) {
      put(area, start - sign.length, end + sign.length, chosen, 0, chosen.length);
      return;
    }
    const inner = chosen.trim();
    const before = chosen.slice(0, chosen.indexOf(inner));
    const after = chosen.slice(before.length + inner.length);
    put(area, start, end, `${before}${sign}${inner}${sign}${after}`, before.length + sign.length, inner.length);
  }

  function link(area) {
    const { selectionStart: start, selectionEnd: end, value } = area;
    const chosen = value.slice(start, end);
    if (/^https?:\/\/\S+$/.test(chosen)) put(area, start, end, `[](${chosen})`, 1, 0);
    else put(area, start, end, `[${chosen}](https://)`, chosen.length + 3, 8);
  }

  // Takes the signs of a list away, or puts them in the place of any others.
  function list(area, sign, signOf) {
    const start = area.value.lastIndexOf("\n", area.selectionStart - 1) + 1;
    const next = area.value.indexOf("\n", area.selectionEnd);
    const end = next < 0 ? area.value.length : next;
    const lines = area.value.slice(start, end).split("\n");
    const isList = lines.every((line) => sign.test(line));
    const bare = lines.map((line) => line.replace(isList ? sign : /^(?:[-•]|\d+[.)])\s*/, ""));
    const made = isList ? bare.join("\n") : bare.map((line, at) => signOf(at + 1) + line).join("\n");
    put(area, start, end, made, made.length, 0);
  }

  // As if it had been typed, so that the browser's own undo knows it.
  function put(area, start, end, text, from, length) {
    area.setSelectionRange(start, end);
    if (!document.execCommand("insertText", false, text)) {
      area.setRangeText(text, start, end);
      area.dispatchEvent(new Event("input", { bubbles: true }));
    }
    area.setSelectionRange(start + from, start + from + length);
  }
}
