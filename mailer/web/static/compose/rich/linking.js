// The link of the chosen words: asked for in a dialog, as an address that mails may lead to.
import { WELCOME } from "./schema.js";

export function createLinking(dialog) {
  const form = dialog.querySelector("form");
  const { words, address } = form.elements;
  const remove = dialog.querySelector("[data-remove]");
  const message = dialog.querySelector("[data-refused]");
  let editor = null;

  function ask(asking) {
    editor = asking;
    editor.commands.extendMarkRange("link");
    const { from, to, empty } = editor.state.selection;
    const chosen = editor.state.doc.textBetween(from, to, " ");
    words.value = chosen;
    words.closest(".field").hidden = !empty;
    address.value = editor.getAttributes("link").href || (WELCOME.test(chosen) ? chosen : "");
    remove.hidden = !editor.isActive("link");
    refuse(false);
    dialog.showModal();
    (empty ? words : address).focus();
  }

  function refuse(isRefused) {
    message.hidden = !isRefused;
    if (isRefused) address.ariaInvalid = "true";
    else address.removeAttribute("aria-invalid");
  }

  function place(href) {
    const { to, empty } = editor.state.selection;
    const link = { type: "link", attrs: { href, title: null } };
    if (empty) editor.commands.insertContent({ type: "text", text: words.value.trim() || href, marks: [link] });
    else editor.chain().setMark("link", link.attrs).setTextSelection(to).run();
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const href = address.value.trim();
    if (!WELCOME.test(href)) {
      refuse(true);
      address.focus();
      return;
    }
    dialog.close();
    place(href);
  });
  remove.addEventListener("click", () => {
    dialog.close();
    editor.chain().unsetMark("link").setTextSelection(editor.state.selection.to).run();
  });
  dialog.querySelector("[data-cancel]").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => editor.view.focus());
  return ask;
}
