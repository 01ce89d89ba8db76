// What somebody else changed comes into this page as well, as soon as nobody is typing: the caret stays where it was.

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
    if (blocks.isBusy() || !saving.isIdle(PAUSE)) return later();
    const held = document.activeElement;
    const block = held?.closest?.("[data-block]");
    const inside = form.querySelector(".write").contains(held) ? held.id.replace(/^(b|bloc-)\d+/, "$1{about}") : null;
    const [before, file] = [typed, form.dataset.file];
    let place = {};
    // Whoever types or goes elsewhere meanwhile goes on undisturbed, and it is tried again.
    const isWelcome = () => {
      place = { value: held?.value, start: held?.selectionStart, end: held?.selectionEnd };
      return typed === before && document.activeElement === held;
    };
    const result = await blocks.act(`renew:${block ? block.dataset.block : 0}`, { focus: inside || null, isWelcome });
    if (result === "unwelcome") return later();
    if (result === "told") told = file;
    const now = document.activeElement;
    if (inside && typeof place.start === "number" && now?.value === place.value) now.setSelectionRange(place.start, place.end);
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
