// Text as it must stand in Markdown to be read as text again, with no more signs than that takes.

//: As rendering/slots.py finds them: whatever stands in their braces is none of Markdown's business.
export const MERGE_FIELDS = /\{\{[ \t\u00a0]*(?:first_name|last_name|organisation)[ \t\u00a0]*(?:\|[^{}|\r\n]*)?\}\}/g;
//: One of them and nothing else.
export const MERGE_FIELD = new RegExp(`^${MERGE_FIELDS.source}$`);
const PARTS = /^\{\{\s*(\w+)\s*(?:\|(.*))?\}\}$/;
const LETTER = /[\p{L}\p{N}]/u;

// `isFirst`: nothing stands before it on its line, where a dash or a number would begin a list.
export function escaped(text, { isFirst = false } = {}) {
  const safe = outsideMergeFields(text, inline);
  if (!isFirst) return safe;
  return safe.replace(/^(\s*)([-+])(?=\s|$)/, "$1\\$2").replace(/^(\s*\d{1,9})([.)])(?=\s|$)/, "$1\\$2");
}

// The address of a link between its parentheses.
export function escapedAddress(address) {
  const safe = outsideMergeFields(address, (text) => text.replace(/[\\()]|&(?=#?\w+;)/g, "\\$&"));
  return /[\s<>]|^$/.test(safe.replace(MERGE_FIELDS, "")) ? `<${safe.replace(/[<>]/g, "\\$&")}>` : safe;
}

// One letter or digit that must not stand beside the sign of bold or italics as itself.
export function spelledOut(character) {
  return LETTER.test(character) ? `&#${character.codePointAt(0)};` : character;
}

// Of one merge field, as it is written.
export function partsOf(source) {
  const [, name, fallback = ""] = PARTS.exec(source);
  return { name, fallback: fallback.trim() };
}

export function sourceOf(name, fallback) {
  return fallback ? `{{ ${name} | ${fallback} }}` : `{{ ${name} }}`;
}

export function outsideMergeFields(text, change) {
  let made = "";
  let end = 0;
  for (const found of text.matchAll(MERGE_FIELDS)) {
    made += change(text.slice(end, found.index)) + found[0];
    end = found.index + found[0].length;
  }
  return made + change(text.slice(end));
}

function inline(text) {
  return text.replace(/[\\`*_[\]]|~(?=~)|(?<=~)~|<(?=[A-Za-z])|&(?=#?\w+;)/g, (sign, at) => (isPlain(text, sign, at) ? sign : `\\${sign}`));
}

// An underscore inside a word, and an asterisk between blanks that begins no line, mean nothing.
function isPlain(text, sign, at) {
  const [before, after] = [text[at - 1] || "", text[at + 1] || ""];
  if (sign === "_") return LETTER.test(before) && LETTER.test(after);
  return sign === "*" && /\s/.test(before) && /\s/.test(after) && text.slice(0, at).trim() !== "";
}
