// The document of the editor as Markdown.
import { MarkdownSerializerState } from "../tiptap.js";
import { escaped, escapedAddress, spelledOut } from "./escaping.js";
import { isMerge } from "./merge.js";
import { isParted, isSaid, isTight } from "./shape.js";

const DRESS = new Set(["bold", "italic"]);
const EDGES = ["", "\\s", "[^\\p{L}\\p{N}{}]"];

// `only`: one block of the document. `care`: 1 also where a sign would stand between a letter and a punctuation mark, or
// between two others, and be read as itself: less easy to read for people. 2 where nothing else helps: what stands at the
// edge of bold and italics, but letters and digits, does without.
export function createWriter() {
  return (doc, { only = null, care = 0 } = {}) => {
    const state = new MarkdownSerializerState(nodes(care > 0), marks(care > 0), { hardBreakNodeName: "hardBreak" });
    const whole = prepared(doc, care);
    whole.forEach((node, _, at) => {
      if (isSaid(node) && (only === null || only === at)) state.render(node, whole, at);
    });
    return state.out;
  };
}

function nodes(isCareful) {
  return {
    paragraph(state, node) {
      state.renderInline(node);
      state.closeBlock(node);
    },
    bulletList(state, node, parent, at) {
      const sign = isSecond(parent, at) ? "*" : "-";
      state.renderList(node, "  ", () => `${sign} `);
    },
    orderedList(state, node, parent, at) {
      const sign = isSecond(parent, at) ? ")" : ".";
      const width = String(node.attrs.start + node.childCount - 1).length;
      state.renderList(node, " ".repeat(width + 2), (item) => `${node.attrs.start + item}${sign}`.padEnd(width + 2));
    },
    listItem(state, node) {
      const said = node.children.filter(isSaid);
      // A list without a text before it begins on the next line.
      if (said.length && !said[0].isTextblock) state.ensureNewLine();
      said.forEach((child, at) => {
        if (at && !isParted(said[at - 1], child)) state.flushClose(state.inTightList ? 1 : 2);
        state.render(child, node, at);
      });
    },
    hardBreak(state, node, parent, at) {
      for (let place = at + 1; place < parent.childCount; place += 1) {
        if (parent.child(place).type !== node.type) return state.write("\\\n");
      }
      return undefined;
    },
    merge: (state, node) => state.text(node.attrs.source, false),
    text(state, node, parent, at) {
      const isFirst = at === 0 || parent.child(at - 1).type.name === "hardBreak";
      const text = escaped(node.text, { isFirst });
      state.text(isCareful ? apart(text, node, parent, at) : text, false);
    },
  };
}

function marks(isCareful) {
  const italic = isCareful ? "_" : "*";
  const dress = (sign) => ({ open: sign, close: sign, mixable: true, expelEnclosingWhitespace: true });
  return {
    bold: dress("**"),
    italic: dress(italic),
    link: { open: "[", close: (_, mark) => `](${escapedAddress(mark.attrs.href)}${titled(mark.attrs.title)})`, mixable: true },
  };
}

function titled(title) {
  return title ? ` "${title.replace(/["\\]|&(?=#?\w+;)/g, "\\$&")}"` : "";
}

// Lists of one kind that follow each other stay two lists by their signs.
function isSecond(parent, at) {
  const before = parent.children.slice(0, at).filter(isSaid);
  const other = before.findLastIndex((each) => each.type !== parent.child(at).type);
  return (before.length - other) % 2 === 0;
}

// The letter beside a sign of bold or italics is spelled out: what stands there is a punctuation mark then.
function apart(text, node, parent, at) {
  const [before, after] = [at && parent.child(at - 1), parent.maybeChild(at + 1)];
  let found = text;
  if (isWord(before) && wearsMore(before, node) && /\S$/.test(textOf(before))) found = found.replace(/^./u, spelledOut);
  if (isWord(after) && wearsMore(after, node) && /^\S/.test(textOf(after))) found = found.replace(/.$/u, spelledOut);
  return found;
}

// Text or a field, which stands for one.
function isWord(node) {
  return Boolean(node) && (node.isText || isMerge(node));
}

function textOf(node) {
  return node.isText ? node.text : node.attrs.source;
}

function wearsMore(other, node) {
  return other.marks.some((mark) => DRESS.has(mark.type.name) && !mark.isInSet(node.marks));
}

// Without the blanks at the edges of paragraphs, which would be read as indents; lists with the air that they need.
function prepared(node, care) {
  if (node.isTextblock) return care ? eased(trimmed(node), EDGES[care]) : trimmed(node);
  const children = node.children.map((each) => prepared(each, care));
  const found = node.type.create(node.attrs, children);
  return node.attrs.tight === undefined ? found : node.type.create({ ...node.attrs, tight: isTight(found) }, children);
}

function trimmed(block) {
  const text = block.textBetween(0, block.content.size, "", (leaf) => (isMerge(leaf) ? "\ufffc" : "\n"));
  return block.cut(/^[^\S\n]*/.exec(text)[0].length, text.trimEnd().length);
}

// What stands at the edges of bold and italics does without them, and so do breaks.
function eased(block, edge) {
  const [start, end] = [new RegExp(`^${edge}+`, "u"), new RegExp(`${edge}+$`, "u")];
  const pieces = block.children.flatMap((node, at) => {
    if (isMerge(node)) return [node];
    if (!node.isText) return [bare(node)];
    if (!node.marks.some((mark) => DRESS.has(mark.type.name))) return [node];
    const lead = isEdge(block.maybeChild(at - 1), node) ? (start.exec(node.text)?.[0].length ?? 0) : 0;
    const trail = isEdge(block.maybeChild(at + 1), node) ? (end.exec(node.text.slice(lead))?.[0].length ?? 0) : 0;
    const last = node.text.length - trail;
    return [lead && bare(node.cut(0, lead)), last > lead && node.cut(lead, last), trail && bare(node.cut(last))].filter(Boolean);
  });
  return block.type.create(block.attrs, pieces);
}

function isEdge(other, node) {
  return !isWord(other) || other.marks.length !== node.marks.length || !node.marks.every((mark) => mark.isInSet(other.marks));
}

function bare(node) {
  return node.mark(node.marks.filter((mark) => !DRESS.has(mark.type.name)));
}
