// What somebody else changed comes into this page as well, as soon as nobody is typing: the caret stays where it was.
import { caretOf, putCaret } from "./caret.js";

const PAUSE = 2000;
const AGAIN = 500;

export function watchMerging(form, saving, blocks) {
  let isWaiting = false;
  let typed = 0;
  // The version of the file of which was said why it cannot be shown.
  let told = "";

  function isBehind() {
    return form.dataset.file !== form.elements.base.value;
  }

  async function renew() {
    isWaiting = false;
    if (saving.isStopped()) return;
    if (!isBehind() || form.dataset.file === told) return;
    // Whoever is asked for a link means the text that stands there now.
    if (blocks.isBusy() || !saving.isIdle(PAUSE) || document.querySelector("dialog[open]")) return later();
    const held = document.activeElement;
    const block = held?.closest?.("[data-block]");
    const inside = form.querySelector(".write").contains(held) ? held.id.replace(/^(b|bloc-)\d+/, "$1{about}") : null;
    const [before, file] = [typed, form.dataset.file];
    let caret = null;
    // Whoever types or goes elsewhere meanwhile goes on undisturbed, and it is tried again.
    const isWelcome = () => {
      caret = caretOf(held);
      return typed === before && document.activeElement === held;
    };
    // What has no name of its own, such as the bar of a block, is found by its block.
    const result = await blocks.act(`renew:${block ? block.dataset.block : 0}`, { focus: inside || (block ? "" : null), isWelcome });
    if (result === "unwelcome") return later();
    if (result === "told") told = file;
    if (inside) putCaret(document.activeElement, caret);
  }

  function later() {
    if (isWaiting) return;
    isWaiting = true;
    setTimeout(renew, AGAIN);
  }

  form.addEventListener("input", () => {
    typed += 1;
  });

  return {
    // The file has this version now.
    note(version) {
      if (saving.isStopped()) return;
      form.dataset.file = version;
      if (isBehind()) later();
    },
    later,
  };
}
