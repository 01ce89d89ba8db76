// Dragging a block to its place: begins at its grip only, ends by sending the new place. Escape gives up.

export function watchDragging(form, blocks) {
  let dragged = null;

  function marks() {
    for (const each of form.querySelectorAll("[data-block]")) each.classList.remove("is-drag", "is-target-before", "is-target-after");
  }

  function placeOf(event) {
    const over = event.target.closest?.("[data-block]");
    if (!over || !dragged) return null;
    const box = over.getBoundingClientRect();
    return { over, isAfter: event.clientY > box.top + box.height / 2 };
  }

  form.addEventListener("dragstart", (event) => {
    const grip = event.target.closest?.("[data-grip]");
    dragged = grip?.closest("[data-block]") || null;
    if (!dragged) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged.dataset.block);
    event.dataTransfer.setDragImage(dragged, 16, 16);
    dragged.classList.add("is-drag");
  });
  form.addEventListener("dragover", (event) => {
    const place = placeOf(event);
    if (!place) return;
    event.preventDefault();
    marks();
    dragged.classList.add("is-drag");
    if (place.over !== dragged) place.over.classList.add(place.isAfter ? "is-target-after" : "is-target-before");
  });
  form.addEventListener("drop", (event) => {
    const place = placeOf(event);
    if (!place) return;
    event.preventDefault();
    const from = Number(dragged.dataset.block);
    const at = Number(place.over.dataset.block) + (place.isAfter ? 1 : 0);
    const to = at > from ? at - 1 : at;
    if (to !== from) blocks.act(`move:${from}:${to}`);
  });
  form.addEventListener("dragend", () => {
    marks();
    dragged = null;
  });
}
