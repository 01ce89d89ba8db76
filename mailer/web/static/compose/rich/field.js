// One text, written as it will look: laid over its textarea, which stays the value of the form.
import { Editor } from "../tiptap.js";
import { createMarkdown } from "./markdown.js";
import { chosenIn } from "./merge.js";
import { extensions } from "./schema.js";
import { typing } from "./typing.js";

//: Which marks of the toolbar are on, by what the editor calls them.
const ACTIVE = { bold: "bold", italic: "italic", link: "link", list: "bulletList", numbers: "orderedList" };

// Null where the text holds something that could not be shown without a loss: it stays a textarea, untouched.
export function layOver(area, { language, words, isDragging, onLink, onMerge, onChosen, onUnshown }) {
  const box = area.closest("[data-text]");
  const editor = new Editor({
    element: null,
    injectCSS: false,
    extensions: extensions([typing({ isFrench: language === "fr", isDragging })], { words, onChange: onMerge }),
    editorProps: { attributes: attributes(area, language), handleKeyDown: (_, event) => isLinkKey(event) && onLink(editor) },
  });
  const markdown = createMarkdown(editor.schema);
  //: The text as it stands in the page, and the document that it was read into.
  let known = { text: area.value, doc: markdown.read(area.value) };
  let isOwn = false;
  if (!known.doc) {
    editor.destroy();
    return null;
  }

  function show() {
    const { tr, doc } = editor.state;
    editor.view.dispatch(tr.replaceWith(0, doc.content.size, known.doc.content).setMeta("preventUpdate", true).setMeta("addToHistory", false));
    known.doc = editor.state.doc;
  }

  // Only what a person changed is written; who takes the change back has the text as it was.
  function put() {
    const text = editor.state.doc.eq(known.doc) ? known.text : markdown.write(editor.state.doc);
    if (text === area.value) return;
    area.value = text;
    isOwn = true;
    area.dispatchEvent(new Event("input", { bubbles: true }));
    isOwn = false;
  }

  // Whatever else writes into the textarea is shown.
  function take() {
    if (isOwn) return;
    const doc = markdown.read(area.value);
    if (!doc) return onUnshown();
    known = { text: area.value, doc };
    show();
  }

  function drawTools() {
    for (const [mark, name] of Object.entries(ACTIVE)) box.querySelector(`[data-mark=${mark}]`).ariaPressed = String(editor.isActive(name));
  }

  function mirrorFaults() {
    const isInvalid = area.getAttribute("aria-invalid");
    if (isInvalid) editor.view.dom.setAttribute("aria-invalid", isInvalid);
    else editor.view.dom.removeAttribute("aria-invalid");
  }

  function remove() {
    faults.disconnect();
    area.removeEventListener("input", take);
    const held = editor.view.dom.contains(document.activeElement);
    editor.destroy();
    place.remove();
    area.removeAttribute("aria-hidden");
    area.tabIndex = 0;
    for (const button of box.querySelectorAll("[data-mark]")) button.ariaPressed = null;
    box.querySelector("[role=toolbar]").setAttribute("aria-controls", area.id);
    box.classList.remove("is-rich");
    if (held) area.focus();
  }

  const isHeld = document.activeElement === area;
  const place = document.createElement("div");
  place.className = "md__rich";
  place.addEventListener("input", (event) => event.stopPropagation());
  area.before(place);
  editor.mount(place);
  show();
  editor.on("update", put);
  editor.on("transaction", drawTools);
  editor.on("selectionUpdate", () => onChosen(chosenIn(editor)));
  drawTools();
  const faults = new MutationObserver(mirrorFaults);
  faults.observe(area, { attributeFilter: ["aria-invalid"] });
  mirrorFaults();
  area.addEventListener("input", take);
  area.ariaHidden = "true";
  area.tabIndex = -1;
  box.classList.add("is-rich");
  box.querySelector("[role=toolbar]").setAttribute("aria-controls", editor.view.dom.id);
  if (isHeld) {
    if (area.selectionEnd === area.value.length) editor.commands.setTextSelection(editor.state.doc.content.size);
    editor.view.focus();
  }
  return { editor, remove };
}

function isLinkKey(event) {
  return (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k";
}

function attributes(area, language) {
  const found = {
    id: `${area.id}-r`,
    role: "textbox",
    lang: language,
    "aria-multiline": "true",
    "aria-labelledby": `${area.id}-l`,
    "aria-describedby": `${area.getAttribute("aria-describedby")} ${area.id}-k`,
  };
  if (area.ariaRequired) found["aria-required"] = "true";
  return found;
}
