// A merge field in a text: one chip that names what stands there in the mail, and keeps to the byte how it was written.
import { Node, NodeSelection, Plugin } from "../tiptap.js";
import { MERGE_FIELDS } from "./escaping.js";

// `words`: what people call the fields, and the sentences about them. `onChange`: somebody wants another one in its place.
export function merge({ words, onChange }) {
  return Node.create({
    name: "merge",
    priority: 1000,
    group: "inline",
    inline: true,
    atom: true,
    addAttributes: () => ({ source: { default: "" } }),
    renderHTML: ({ node }) => ["span", { class: "merge", "data-merge": node.attrs.source, role: "img", lang: words.language, "aria-label": words.say(node.attrs.source), title: words.say(node.attrs.source) }, words.name(node.attrs.source)],
    renderText: ({ node }) => node.attrs.source,
    addKeyboardShortcuts() {
      return { Enter: () => chosenIn(this.editor) !== null && onChange(this.editor) };
    },
    addProseMirrorPlugins() {
      return [new Plugin({ props: { handleDoubleClickOn: (view, _, node) => isMerge(node) && onChange(this.editor) }, appendTransaction: (all, _, state) => (all.some((each) => each.docChanged) ? chipped(state) : null) })];
    },
  });
}

export function isMerge(node) {
  return node?.type.name === "merge";
}

// How the chip that is chosen was written; null where none is.
export function chosenIn({ state: { selection } }) {
  return selection instanceof NodeSelection && isMerge(selection.node) ? selection.node.attrs.source : null;
}

// In the place of what is chosen, with the dress that it has, or that a letter typed there would have.
export function placeChip({ state, view }, source) {
  const { selection, storedMarks, schema, tr } = state;
  const marks = selection.node?.marks || storedMarks || selection.$from.marks();
  view.dispatch(tr.replaceSelectionWith(schema.nodes.merge.create({ source }, null, marks), false).scrollIntoView());
}

// Whatever is typed or pasted as a field becomes its chip.
function chipped(state) {
  const found = [];
  state.doc.descendants((node, at) => {
    for (const field of (node.text || "").matchAll(MERGE_FIELDS)) found.push({ at: at + field.index, source: field[0], marks: node.marks });
  });
  if (!found.length) return null;
  const { tr, schema } = state;
  for (const { at, source, marks } of found.reverse()) tr.replaceWith(at, at + source.length, schema.nodes.merge.create({ source }, null, marks));
  return tr;
}
