// While somebody types or pastes: French no-break spaces, no other dress than ours.
import { Plugin } from "../tiptap.js";
import { markdownOf } from "../pasting.js";
import { typeset } from "../typography.js";
import { rendered } from "./markdown.js";

export function typing({ isFrench, isDragging }) {
  const set = isFrench ? typeset : (text) => text;
  return new Plugin({
    props: {
      handleTextInput: (view, from, to, text) => isFrench && typed(view, from, to, text),
      transformPastedHTML: (html) => rendered(set(markdownOf(html))),
      transformPastedText: set,
      // A block that is dragged over a text is not dropped into it.
      handleDrop: isDragging,
    },
  });
}

// The blank before it is taken along, as in the other fields.
function typed(view, from, to, text) {
  if (view.composing) return false;
  const $from = view.state.doc.resolve(from);
  const before = $from.parent.textBetween(Math.max(0, $from.parentOffset - 1), $from.parentOffset, "", "\ufffc");
  const reach = before === " " || before === "«" ? before : "";
  const set = typeset(reach + text);
  if (set === reach + text) return false;
  view.dispatch(view.state.tr.insertText(set, from - reach.length, to).scrollIntoView());
  return true;
}
