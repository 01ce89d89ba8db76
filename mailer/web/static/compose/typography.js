// French puts a no-break space before ; : ? ! % » and after «: whoever types or pastes an ordinary one gets it.

const NO_BREAK = "\u00a0";
const ADDRESSES = "[inputmode=url], [inputmode=email], [inputmode=numeric], [type=date], [type=time], [type=file]";

export function watchTypography(form) {
  if (form.dataset.language !== "fr") return;
  form.addEventListener("beforeinput", (event) => {
    const field = event.target;
    if (!event.data || event.isComposing || field.selectionStart === undefined || field.matches(ADDRESSES)) return;
    const start = field.selectionStart;
    const reach = field.value[start - 1] === " " || field.value[start - 1] === "«" ? start - 1 : start;
    const typed = field.value.slice(reach, start) + event.data;
    const set = typeset(typed);
    if (set === typed) return;
    event.preventDefault();
    field.setSelectionRange(reach, field.selectionEnd);
    document.execCommand("insertText", false, set);
  });
}

// Several blanks become one; a mark in the middle of a word, as in an address or an hour, is left alone.
export function typeset(text) {
  return text.replace(/ +(?=[;:?!%](?:[\s»)]|$)|»)/g, NO_BREAK).replace(/« +/g, `«${NO_BREAK}`);
}
