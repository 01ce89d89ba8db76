// Which field stands in a text, and what is written where the person has nothing for it: asked for in a dialog.
import { partsOf, sourceOf } from "./rich/escaping.js";

export function createInserting(dialog) {
  const form = dialog.querySelector("form");
  const { field, fallback } = form.elements;
  const message = dialog.querySelector("[data-refused]");
  const words = wordsOf(dialog, field);
  //: What is done with what was chosen, and where the caret goes back to.
  let asked = null;

  // `source`: the field that is changed, as it is written; null for a new one.
  function ask(source, { place, leave }) {
    const parts = source ? partsOf(source) : { name: field.options[0].value, fallback: "" };
    asked = { place, leave };
    field.value = parts.name;
    fallback.value = parts.fallback;
    refuse(false);
    dialog.showModal();
    field.focus();
    return true;
  }

  function refuse(isRefused) {
    message.hidden = !isRefused;
    if (isRefused) fallback.ariaInvalid = "true";
    else fallback.removeAttribute("aria-invalid");
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (/[{}|]/.test(fallback.value)) {
      refuse(true);
      fallback.focus();
      return;
    }
    dialog.close();
    asked.place(sourceOf(field.value, fallback.value.trim()));
  });
  dialog.querySelector("[data-cancel]").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => asked.leave());
  return { ask, words };
}

// What people call the fields, in the language of the page.
function wordsOf(dialog, field) {
  function name(source) {
    const wanted = partsOf(source).name;
    return [...field.options].find((option) => option.value === wanted).textContent;
  }

  function say(source, { isChosen = false } = {}) {
    const { fallback } = partsOf(source);
    const said = dialog.dataset[fallback ? "saidWithFallback" : "said"].replace("{name}", () => name(source)).replace("{fallback}", () => fallback);
    return isChosen ? `${said} ${dialog.dataset.chosen}` : said;
  }

  return { name, say, language: document.documentElement.lang };
}
