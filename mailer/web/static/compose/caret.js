// Where the caret stands in a field, whatever kind of field it is; null where there is none.

export function caretOf(field) {
  const editor = field?.editor;
  if (editor) return { value: editor.getText(), start: editor.state.selection.anchor, end: editor.state.selection.head };
  return typeof field?.selectionStart === "number" ? { value: field.value, start: field.selectionStart, end: field.selectionEnd } : null;
}

// Only where the text is still the one in which it stood.
export function putCaret(field, caret) {
  if (!caret || caretOf(field)?.value !== caret.value) return;
  if (field.editor) field.editor.commands.setTextSelection({ from: caret.start, to: caret.end });
  else field.setSelectionRange(caret.start, caret.end);
}
