// Dragging a letter to another day sends the same form as "Move to…"; Escape gives up. Without this file, by that form.
"use strict";

(() => {
  const form = document.getElementById("move");
  let dragged = null;
  let over = null;

  function mark(day) {
    over?.classList.remove("is-target");
    over = day;
    over?.classList.add("is-target");
  }

  document.addEventListener("dragstart", (event) => {
    dragged = event.target.closest?.("[data-move]") || null;
    if (!dragged) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged.dataset.move);
    dragged.classList.add("is-drag");
  });
  document.addEventListener("dragover", (event) => {
    const day = dragged && event.target.closest?.("[data-day]");
    mark(day || null);
    if (day) event.preventDefault();
  });
  document.addEventListener("drop", (event) => {
    const day = dragged && event.target.closest?.("[data-day]");
    if (!day) return;
    event.preventDefault();
    if (day === dragged.closest("[data-day]")) return;
    form.action = dragged.dataset.move;
    form.elements.day.value = day.dataset.day;
    form.elements.hour.value = dragged.dataset.hour;
    form.submit();
  });
  document.addEventListener("dragend", () => {
    mark(null);
    dragged?.classList.remove("is-drag");
    dragged = null;
  });
})();
