// Text from a word processor or a page keeps its bold, italics, links and lists, as Markdown; all its other dress falls away.
import { escaped, MERGE_FIELD } from "./rich/escaping.js";

const DRESSED = "b, strong, i, em, a[href], li, [style*='font-weight'], [style*='font-style'], [style*='mso-list']";
const BLOCKS = /^(P|DIV|H[1-6]|UL|OL|LI|TABLE|TBODY|TR|TD|TH|BLOCKQUOTE|SECTION|ARTICLE)$/;
//: A blank like any other until all is put together: at the edge of bold and italics it falls outside of them.
const BREAK = "\u2028";
//: A blank at the start of a line that means something: what is inside an item.
const INDENT = "\u2029";
const ITEM = /^(\u2029*)(-|\d+\.) /;
//: What no text may hold; the server drops it, too.
const CONTROLS = /[\0-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff]/g;

export function watchPasting(form) {
  form.addEventListener("paste", (event) => {
    if (event.target.tagName !== "TEXTAREA") return;
    const html = event.clipboardData.getData("text/html");
    const text = bodyOf(html).querySelector(DRESSED) && markdownOf(html);
    if (!text) return;
    event.preventDefault();
    document.execCommand("insertText", false, text);
  });
}

export function markdownOf(html) {
  const text = closed(children(bodyOf(html)).replace(/[ \t]+\n/g, "\n").replace(/\n[ \t]+/g, "\n").replace(/\n{3,}/g, "\n\n").trim());
  // A break at the edge of a paragraph is none.
  return text.replace(/(^|\n)[^\S\n]*\u2028[^\S\n]*/g, "$1").replace(/[^\S\n]*\u2028[^\S\n]*(?=\n|$)/g, "").replace(/[ \t]*\u2028[ \t]*/g, "\\\n").replaceAll(INDENT, " ");
}

// Items of one list follow each other without air.
function closed(text) {
  const lines = text.split("\n");
  return lines.filter((line, at) => line || !follows(ITEM.exec(lines[at - 1]), ITEM.exec(lines[at + 1]))).join("\n");
}

// A number but the first would be read as words of the item before it, were there another list.
function follows(item, next) {
  if (!item || !next) return false;
  const deeper = next[1].length - item[1].length;
  return deeper < 0 || (deeper > 0 ? /^(?:-|1\.)$/.test(next[2]) : (item[2] === "-") === (next[2] === "-"));
}

function bodyOf(html) {
  return new DOMParser().parseFromString(html, "text/html").body;
}

function children(node) {
  return [...node.childNodes].map(written).join("");
}

function written(node) {
  if (node.nodeType === Node.TEXT_NODE) return escaped(node.textContent.replace(CONTROLS, "").replace(/[ \t\r\n\v\f\x85\u2028\u2029]+/g, " "));
  if (node.nodeType !== Node.ELEMENT_NODE || /^(STYLE|SCRIPT|TITLE|META)$/.test(node.tagName)) return "";
  // A chip of the editor stands for the field as it was written.
  if (MERGE_FIELD.test(node.dataset.merge || "")) return node.dataset.merge;
  const style = node.getAttribute("style") || "";
  // The bullet or the number that Word writes as letters of their own: see marker.
  if (/mso-list:\s*ignore/i.test(style)) return "";
  if (node.tagName === "BR") return BREAK;
  const inside = dressed(node, style, children(node));
  if (node.tagName === "LI" || /mso-list/i.test(style)) return item(node, style, inside.trim());
  return BLOCKS.test(node.tagName) ? `\n\n${inside}\n\n` : inside;
}

// One of a list in a list stands below the words of the item around it: Word says its level, others nest their elements.
function item(node, style, words) {
  const sign = marker(node);
  const level = node.tagName === "LI" ? 1 : Number(/mso-list:[^;]*\blevel(\d)/i.exec(style)?.[1] || 1);
  const lines = words.replace(/\n(?!\n)/g, `\n${INDENT.repeat(sign.length + 1)}`);
  return `\n${INDENT.repeat(3 * (level - 1))}${sign} ${lines}\n`;
}

function marker(node) {
  const list = node.parentNode;
  if (list.tagName === "OL") return `${list.start + [...list.children].filter((each) => each.tagName === "LI").indexOf(node)}.`;
  const ignored = [...node.querySelectorAll("[style*='mso-list']")].find((each) => /mso-list:\s*ignore/i.test(each.getAttribute("style")));
  const number = /^\s*(\d+)[.)](?:\s|$)/.exec(ignored?.textContent || "");
  return number ? `${number[1]}.` : "-";
}

function dressed(node, style, text) {
  if (BLOCKS.test(node.tagName) || !text.trim()) return text;
  const weight = /font-weight:\s*(\w+)/i.exec(style)?.[1] || (/^(B|STRONG)$/.test(node.tagName) ? "bold" : "");
  const slant = /font-style:\s*(\w+)/i.exec(style)?.[1] || (/^(I|EM)$/.test(node.tagName) ? "italic" : "");
  let found = text;
  if (slant === "italic") found = around(found, "*");
  if (weight === "bold" || Number(weight) >= 600) found = around(found, "**");
  const href = node.tagName === "A" ? node.getAttribute("href") : "";
  return /^(https?:|mailto:)/i.test(href || "") ? `[${found.trim()}](${href})` : found;
}

// The signs stand at the words: blanks stay outside.
function around(text, sign) {
  const inner = text.trim();
  const start = text.indexOf(inner);
  return `${text.slice(0, start)}${sign}${inner}${sign}${text.slice(start + inner.length)}`;
}
