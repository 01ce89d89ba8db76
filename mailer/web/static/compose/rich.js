// Texts are written as they will look; who prefers Markdown says so, text by text, and this browser remembers it.
import { layOver } from "./rich/field.js";
import { createLinking } from "./rich/linking.js";
import { chosenIn, placeChip } from "./rich/merge.js";

const LISTS = { list: "toggleBulletList", numbers: "toggleOrderedList" };

// `inserting`: see inserting.js.
export function watchRich(form, inserting) {
  const key = `relais:${form.dataset.user}:markdown`;
  const link = createLinking(document.getElementById("lien"));
  //: What is laid over which textarea.
  const laid = new Map();
  //: The kinds of texts that this person writes as Markdown.
  let plain = remembered();

  // Blocks that are folded wait until somebody unfolds them.
  function lay() {
    for (const [area, field] of laid) if (!area.isConnected) drop(area, field);
    for (const area of form.querySelectorAll("[data-text] textarea")) {
      if (laid.has(area) || area.closest("details:not([open])")) continue;
      if (plain.includes(kindOf(area))) draw(area);
      else begin(area);
    }
  }

  function begin(area) {
    const field = layOver(area, {
      language: form.dataset.language,
      isDragging: () => form.querySelector(".is-drag") !== null,
      onLink: (editor) => {
        link(editor);
        return true;
      },
      words: inserting.words,
      onMerge: merge,
      onChosen: (source) => source && announce(inserting.words.say(source, { isChosen: true })),
      onUnshown: () => {
        drop(area, laid.get(area));
        begin(area);
      },
    });
    if (field) laid.set(area, field);
    draw(area, { isUnshown: !field });
  }

  function drop(area, field) {
    laid.delete(area);
    field.remove();
  }

  function draw(area, { isUnshown = false } = {}) {
    const box = area.closest("[data-text]");
    for (const button of box.querySelectorAll("[data-form]")) button.ariaPressed = String((button.dataset.form === "rich") === laid.has(area));
    box.querySelector("[data-unshown]").hidden = !isUnshown;
  }

  function choose(area, wanted) {
    remember(kindOf(area), wanted === "markdown");
    const field = laid.get(area);
    if (wanted === "rich" && !field) begin(area);
    if (wanted === "markdown") {
      if (field) drop(area, field);
      draw(area);
    }
    area.focus();
  }

  function apply(editor, mark) {
    if (mark === "link") return link(editor);
    if (mark === "merge") return merge(editor);
    editor.view.focus();
    return LISTS[mark] ? editor.commands[LISTS[mark]]() : editor.commands.toggleMark(mark);
  }

  function merge(editor) {
    return inserting.ask(chosenIn(editor), {
      place: (source) => placeChip(editor, source),
      leave: () => editor.view.focus(),
    });
  }

  function announce(words) {
    form.querySelector("[data-announce]").textContent = words;
  }

  function remembered() {
    try {
      return JSON.parse(localStorage.getItem(key)) || [];
    } catch {
      return [];
    }
  }

  function remember(kind, isMarkdown) {
    plain = plain.filter((each) => each !== kind);
    if (isMarkdown) plain.push(kind);
    try {
      localStorage.setItem(key, JSON.stringify(plain));
    } catch {
      // This browser keeps nothing: the choice holds as long as the page.
    }
  }

  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-text] button");
    const area = button?.closest("[data-text]").querySelector("textarea");
    if (button?.dataset.form) choose(area, button.dataset.form);
    else if (button?.dataset.mark && laid.has(area)) apply(laid.get(area).editor, button.dataset.mark);
  });
  // Whoever leads to the field leads into the text: its label, the panel of checks, an act on its block.
  form.addEventListener("focusin", (event) => laid.get(event.target)?.editor.view.focus());
  form.addEventListener("toggle", lay, true);
  form.addEventListener("relais:renewed", lay);
  lay();
}

function kindOf(area) {
  return area.closest("[data-text]").dataset.text;
}
