// What of a document comes out in the mail, as one text: two documents of one shape read the same.
// Blanks have no dress and count for nothing at the edges; empty paragraphs do not come out at all.
import { isMerge } from "./merge.js";

export function shape(doc) {
  return blocks(doc).join("\n");
}

function blocks(node) {
  const found = [];
  node.forEach((child) => {
    const said = child.isTextblock ? words(child) : `${head(child)}[${blocks(child).join("|")}]`;
    if (said) found.push(said);
  });
  return found;
}

// Whether its items stand close to each other: Markdown knows no air in a list of one text, and has to have some where an
// item holds two.
export function isTight(list) {
  const items = list.children.map((item) => item.children.filter(isSaid));
  if (items.some((item) => item.some((child, at) => at && isParted(item[at - 1], child)))) return false;
  const holdsText = items.some((item) => item.some((child) => child.isTextblock));
  return list.attrs.tight || !holdsText || (items.length === 1 && items[0].length < 2);
}

// Two blocks that would be read as one without a blank line between them.
export function isParted(block, next) {
  if (next.isTextblock || !block.isTextblock) return true;
  return !isSaid(next.firstChild) || (next.type.name === "orderedList" && next.attrs.start !== 1);
}

// Whether anything of it comes out.
export function isSaid(node) {
  return node.isTextblock ? node.textContent.trim() !== "" || node.children.some(isMerge) : node.type.name !== "listItem" || node.children.some(isSaid);
}

function head(node) {
  return node.type.name === "listItem" ? "" : `${node.type.name} ${node.attrs.start ?? ""} ${isTight(node)}`;
}

function words(block) {
  let said = "";
  let dress = "";
  block.forEach((node) => {
    if (node.type.name === "hardBreak") said += "\n";
    for (const each of isMerge(node) ? [`\u0003${node.attrs.source}`] : node.text || "") {
      const worn = each.trim() === "" ? dress : node.marks.map((mark) => `${mark.type.name}${Object.values(mark.attrs).join(" ")}`).sort().join(",");
      said += worn === dress ? each : `\u0001${worn}\u0002${each}`;
      dress = worn;
    }
  });
  return said.replace(/[^\S\n]*\n[^\S\n]*/g, "\n").replace(/^[^\S\n]+|\s+$/g, "");
}
