// In a list the tabulator changes the level of an item; elsewhere, and behind Escape, it leaves the text as in any form.
import { Plugin } from "../tiptap.js";

export function levels(editor, item) {
  let isLeaving = false;

  function handleKeyDown(view, event) {
    const mayLeave = isLeaving;
    isLeaving = event.key === "Escape" || (isLeaving && event.key === "Shift");
    if (event.key !== "Tab" || mayLeave || event.ctrlKey || event.altKey || event.metaKey || !isInside(view.state, item)) return false;
    if (event.shiftKey) editor.commands.liftListItem(item);
    else editor.commands.sinkListItem(item);
    // The first item of a list cannot go deeper: it stays, and so does the caret.
    return true;
  }

  // Whoever goes elsewhere, by the mouse or for good, has left Escape behind.
  function stay() {
    isLeaving = false;
  }

  return new Plugin({ props: { handleKeyDown, handleDOMEvents: { blur: stay, mousedown: stay } } });
}

function isInside({ selection: { $from } }, item) {
  for (let depth = $from.depth; depth > 0; depth -= 1) if ($from.node(depth).type.name === item) return true;
  return false;
}
