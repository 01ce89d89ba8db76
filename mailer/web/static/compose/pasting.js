// Text from a word processor or a page keeps its bold, italics, links and lists, as Markdown; all its other dress falls away.

const DRESSED = "b, strong, i, em, a[href], li, [style*='font-weight'], [style*='font-style'], [style*='mso-list']";
const BLOCKS = /^(P|DIV|H[1-6]|UL|OL|LI|TABLE|TBODY|TR|BLOCKQUOTE|SECTION|ARTICLE)$/;

export function watchPasting(form) {
  form.addEventListener("paste", (event) => {
    if (event.target.tagName !== "TEXTAREA") return;
    const body = new DOMParser().parseFromString(event.clipboardData.getData("text/html"), "text/html").body;
    if (!body.querySelector(DRESSED)) return;
    const text = markdown(body);
    if (!text) return;
    event.preventDefault();
    document.execCommand("insertText", false, text);
  });
}

function markdown(body) {
  return children(body).replace(/[ \t]+\n/g, "\n").replace(/\n[ \t]+/g, "\n").replace(/\n{3,}/g, "\n\n").trim();
}

function children(node) {
  return [...node.childNodes].map(written).join("");
}

function written(node) {
  if (node.nodeType === Node.TEXT_NODE) return node.textContent.replace(/[ \t\r\n]+/g, " ").replace(/[\\*[\]]/g, "\\$&");
  if (node.nodeType !== Node.ELEMENT_NODE || /^(STYLE|SCRIPT|TITLE|META)$/.test(node.tagName)) return "";
  const style = node.getAttribute("style") || "";
  // The bullet or the number that Word writes as letters of their own: see marker.
  if (/mso-list:\s*ignore/i.test(style)) return "";
  if (node.tagName === "BR") return "\n";
  const inside = dressed(node, style, children(node));
  if (node.tagName === "LI" || /mso-list/i.test(style)) return `\n${marker(node)} ${inside.trim()}\n`;
  return BLOCKS.test(node.tagName) ? `\n\n${inside}\n\n` : inside;
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
