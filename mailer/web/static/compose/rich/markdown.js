// Markdown as the mail reads it, to the document of the editor and back. See rendering/markdown.py: the same parser with
// the same rules, so that what is shown here is what will be sent.
import { MarkdownIt, MarkdownParser } from "../tiptap.js";
import { MERGE_FIELDS } from "./escaping.js";
import { shape } from "./shape.js";
import { createWriter } from "./writer.js";

const OFF = ["image", "heading", "lheading", "hr", "code", "fence", "blockquote", "table", "reference"];
const COVER = /RELAIS(\d+)SIALER/g;

const parser = new MarkdownIt({ html: false, linkify: false, typographer: false }).disable(OFF);

export function createMarkdown(schema) {
  const write = createWriter();
  const reader = new MarkdownParser(schema, { parse: tokens }, {
    paragraph: { block: "paragraph" },
    bullet_list: { block: "bulletList", getAttrs: (_, all, at) => ({ tight: isClose(all, at) }) },
    ordered_list: { block: "orderedList", getAttrs: (token, all, at) => ({ start: Number(token.attrGet("start") ?? 1), tight: isClose(all, at) }) },
    list_item: { block: "listItem" },
    hardbreak: { node: "hardBreak" },
    merge: { node: "merge", getAttrs: (token) => ({ source: token.content }) },
    strong: { mark: "bold" },
    em: { mark: "italic" },
    link: { mark: "link", getAttrs: (token) => ({ href: token.attrGet("href"), title: token.attrGet("title") }) },
  });
  //: Of each block that was read as it stands: its text, and what stood between it and the one after it.
  const sources = new WeakMap();

  function parse(text) {
    try {
      return reader.parse(text);
    } catch {
      return null;
    }
  }

  function means(text, doc) {
    const found = parse(text);
    return found !== null && shape(found) === shape(doc);
  }

  // The document, or null where the editor would lose something of the text.
  function read(text) {
    const doc = parse(text);
    if (!doc || written(doc) === null) return null;
    remember(doc, text);
    return doc;
  }

  // Blocks that nobody touched stay as they were written.
  function asMarkdown(doc) {
    const text = kept(doc);
    return means(text, doc) ? text : (written(doc) ?? write(doc, { care: 2 }));
  }

  function written(doc) {
    return [0, 1].map((care) => write(doc, { care })).find((text) => means(text, doc)) ?? null;
  }

  function remember(doc, text) {
    const places = parser.parse(covered(text).text, {}).filter((token) => token.level === 0 && token.nesting === 1);
    if (places.length !== doc.childCount) return;
    const lines = text.split("\n");
    const ends = places.map(({ map }) => map[0] + lines.slice(...map).join("\n").trimEnd().split("\n").length);
    doc.forEach((node, _, at) => {
      const gap = at + 1 < places.length ? `\n${lines.slice(ends[at], places[at + 1].map[0]).map((line) => `${line}\n`).join("")}` : "";
      sources.set(node, { text: lines.slice(places[at].map[0], ends[at]).join("\n"), gap, next: doc.maybeChild(at + 1) });
    });
  }

  function kept(doc) {
    let text = "";
    doc.forEach((node, _, at) => {
      const source = sources.get(node);
      const piece = source?.text ?? write(doc, { only: at });
      const next = doc.maybeChild(at + 1);
      text += piece && next ? piece + (source?.next === next ? source.gap : "\n\n") : piece;
    });
    return text.replace(/\n+$/, "");
  }

  return { read, write: asMarkdown };
}

// As HTML of the allowed tags only: what was pasted comes into the editor in this form.
export function rendered(text) {
  const { text: safe, uncovered } = covered(text.replace(COVER, "").replaceAll("\0", ""));
  return uncovered(parser.render(safe));
}

// The tokens of the mail's parser; throws at what the document cannot hold.
function tokens(text) {
  const { text: safe, uncovered } = covered(text);
  const all = parser.parse(safe, {});
  for (const token of all) {
    for (const [place, child] of (token.children || []).entries()) {
      if (child.type === "link_open" && token.children[place + 1].type === "link_close") throw new Error("a link without words");
      for (const pair of child.attrs || []) pair[1] = uncovered(pair[1]);
    }
    token.children = token.children?.flatMap((child) => (child.type === "text" ? pieces(child, uncovered) : [child]));
  }
  return all;
}

// A text as what stands between its fields, and these.
function pieces(token, uncovered) {
  return token.content
    .split(/(RELAIS\d+SIALER)/)
    .map((content, at) => ({ ...token, type: at % 2 ? "merge" : "text", content: uncovered(content) }))
    .filter(({ content }) => content !== "");
}

// Merge fields as letters and digits only, as the mail's parser meets them.
function covered(text) {
  if (text.search(COVER) >= 0 || text.includes("\0")) throw new Error("a text that imitates a cover");
  const fields = [];
  const safe = text.replace(MERGE_FIELDS, (field) => `RELAIS${fields.push(field) - 1}SIALER`);
  return { text: safe, uncovered: (each) => each.replace(COVER, (_, number) => fields[number]) };
}

function isClose(all, at) {
  const level = all[at].level;
  for (let place = at + 1; all[place].level > level; place += 1) {
    if (all[place].type === "paragraph_open" && all[place].level === level + 2) return all[place].hidden;
  }
  return true;
}
