// What a text may hold: paragraphs, line breaks, lists; bold, italics, links.
import { Bold, BulletList, Document, Extension, HardBreak, Italic, ListItem, Mark, OrderedList, Paragraph, Text, UndoRedo } from "../tiptap.js";
import { levels } from "./levels.js";
import { merge } from "./merge.js";

//: The addresses that a link may be given here; what a file holds already stays.
export const WELCOME = /^(?:https:\/\/[^\s/]|mailto:[^\s@]+@[^\s@])\S*$/i;
const PLAIN = { words: { say: (source) => source, name: (source) => source }, onChange: () => false };
const PASTED = /^(?:https?:|mailto:)/i;

const Link = Mark.create({
  name: "link",
  priority: 1000,
  inclusive: false,
  addAttributes: () => ({ href: { default: "" }, title: { default: null } }),
  parseHTML: () => [{ tag: "a[href]", getAttrs: (link) => (PASTED.test(link.getAttribute("href")) ? null : false) }],
  renderHTML: ({ HTMLAttributes }) => ["a", HTMLAttributes, 0],
});

//: Without air between the items, as the mail tells the two apart.
const tight = { default: true, rendered: false };
const Bullets = BulletList.extend({ addAttributes: () => ({ tight }) });
const Numbers = OrderedList.extend({
  addAttributes: () => ({ tight, start: { default: 1, parseHTML: (list) => Number.parseInt(list.getAttribute("start"), 10) || 1 } }),
});

const Item = ListItem.extend({
  addKeyboardShortcuts() {
    return {
      Enter: () => this.editor.commands.splitListItem(this.name),
      Backspace: () => startsItem(this.editor.state.selection, this.type) && this.editor.commands.liftListItem(this.name),
    };
  },
  addProseMirrorPlugins() {
    return [levels(this.editor, this.name)];
  },
});

function startsItem({ empty, $from }, type) {
  return empty && $from.parentOffset === 0 && $from.depth > 1 && $from.node(-1).type === type && $from.index(-1) === 0;
}

// `merging`: see merge.js; without it, fields are named as they are written.
export function extensions(plugins, merging = PLAIN) {
  const own = Extension.create({ name: "relais", addProseMirrorPlugins: () => plugins });
  return [Document, Paragraph, Text, HardBreak, Bold, Italic, Link, Bullets, Numbers, Item, merge(merging), UndoRedo, own];
}
