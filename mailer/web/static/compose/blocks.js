// Acts on blocks: the form is sent as its buttons would send it, and the page's parts are replaced by those of the answer.
import { count, goTo, mirror, refuse, spoken } from "./fields.js";

export function watchBlocks(form, saving, preview) {
  let isBusy = false;

  function opened() {
    return [...form.querySelectorAll("[data-block]")].filter((each) => each.querySelector("[data-fold]").open).map((each) => each.dataset.block);
  }

  function noteOpened() {
    form.elements.open.value = opened().join(",");
  }

  // What came of it: "taken" into the page, "unwelcome" where `isWelcome` said so once the answer was there, or "told".
  async function act(order, { focus = "", isWelcome = null } = {}) {
    if (isBusy) return "unwelcome";
    isBusy = true;
    let held = null;
    let result = "told";
    form.setAttribute("aria-busy", "true");
    try {
      await saving.settle();
      noteOpened();
      const data = new FormData(form);
      data.set("act", order);
      held = document.activeElement;
      // What would be typed now would be typed into what is about to be replaced; or the answer is unwelcome then.
      form.querySelector(".write").inert = !isWelcome;
      const answer = await fetch(form.dataset.base, { method: "POST", body: data, credentials: "same-origin" });
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (isWelcome && !isWelcome()) result = "unwelcome";
      else if (answer.url.includes("/conflit/")) location.assign(answer.url);
      else if (fresh.getElementById("lettre")) {
        take(fresh, focus);
        result = "taken";
      } else if (answer.status >= 500) saving.failed();
      else saving.tell((fresh.querySelector("main [role=alert]") || fresh.querySelector("main"))?.innerText.trim() || form.dataset.failed);
    } catch {
      saving.failed();
    } finally {
      isBusy = false;
      form.removeAttribute("aria-busy");
      form.querySelector(".write").inert = false;
      if (focus !== null && held?.isConnected && document.activeElement === document.body) held.focus();
    }
    return result;
  }

  function take(fresh, focus) {
    saving.sent();
    form.dataset.file = fresh.getElementById("lettre").dataset.file;
    for (const name of ["base", "open"]) form.elements[name].value = fresh.querySelector(`[name=${name}]`).value;
    const held = stepsOfBar().indexOf(document.activeElement);
    for (const selector of [".write", ".topbar"]) {
      form.querySelector(selector).replaceWith(document.importNode(fresh.querySelector(selector), true));
    }
    form.dispatchEvent(new CustomEvent("relais:renewed"));
    for (const button of document.querySelectorAll("[data-add]")) button.value = fresh.querySelector(`[data-add="${button.dataset.add}"]`).value;
    count(form);
    const announce = form.querySelector("[data-announce]");
    const about = announce.dataset.about;
    say(announce);
    if (focus !== null) land(focus.replace("{about}", about), about);
    else if (held >= 0) stepsOfBar()[held]?.focus();
    preview.refresh();
    saving.recover();
  }

  // What the keyboard reaches in the bar above, in its order.
  function stepsOfBar() {
    return [...form.querySelectorAll(".topbar :is(a, button)")];
  }

  // A live region speaks when it changes, not when it arrives.
  function say(announce) {
    const words = announce.textContent;
    announce.textContent = "";
    setTimeout(() => {
      announce.textContent = words;
    }, 50);
  }

  function land(id, about) {
    const wrong = form.querySelector("[aria-invalid=true]");
    const block = document.getElementById(`bloc-${about}`);
    // A text that cannot be written as it will look is a textarea.
    const target = document.getElementById(id) || document.getElementById(id.replace(/-r$/, "")) || (id === "first" && block?.querySelector(".fields :is(input, textarea, select):not([type=hidden])")) || block?.querySelector("summary") || wrong || document.getElementById("contenu");
    target?.focus();
    target?.scrollIntoView({ block: "nearest" });
  }

  function focusAfter(name) {
    if (name === "up" || name === "down") return `b{about}-${name}`;
    if (name === "add" || name === "copy") return "first";
    return "";
  }

  form.addEventListener("submit", async (event) => {
    const order = event.submitter?.value || "save";
    if (event.submitter?.hasAttribute("data-leave")) return;
    event.preventDefault();
    document.getElementById("menu-blocs").hidePopover?.();
    if (event.submitter?.ariaDisabled === "true") return;
    if (event.submitter?.dataset.view) preview.choose(event.submitter.dataset.view);
    else if (event.submitter?.hasAttribute("data-show")) preview.showTo();
    else if (order === "save") await saving.save();
    else await act(order, { focus: focusAfter(order.split(":")[0]) });
  });

  form.addEventListener("change", (event) => {
    const field = event.target;
    if (field.type === "file" && field.files[0]?.size > Number(form.dataset.most)) {
      field.value = "";
      refuse(field.name.replace(/\.file$/, "").replace(".", "-"), form.dataset.large);
      return;
    }
    if (field.type === "file" && field.files.length) act("save", { focus: field.name.replace(/\.file$/, "").replace(".", "-") });
    if (field.tagName === "SELECT" && field.closest(".picture")) act("save", { focus: field.id });
    if (field.dataset.decorative && field.checked) form.querySelector(`#${CSS.escape(field.dataset.decorative)}`).value = "";
  });

  form.addEventListener("input", (event) => {
    const box = form.querySelector(`[data-decorative="${CSS.escape(event.target.id)}"]`);
    if (box && event.target.value) box.checked = false;
    const block = event.target.closest("[data-block]");
    if (block && event.target === block.querySelector("input.input, textarea")) block.querySelector(".block__sum").textContent = spoken(event.target.value, { isText: event.target.tagName === "TEXTAREA" });
    count(form);
    mirror(form);
  });

  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.id === "pour") {
      event.preventDefault();
      preview.showTo();
    }
    const block = event.target.closest("[data-block]");
    // On lists and dates these keys open a choice.
    if (event.altKey && block && !event.target.matches("select, [type=date]") && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      event.preventDefault();
      const inside = event.target.id.replace(/^b\d+-/, "b{about}-") || "";
      act(`${event.key === "ArrowUp" ? "up" : "down"}:${block.dataset.block}`, { focus: inside });
    }
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") {
      event.preventDefault();
      saving.save();
    }
  });

  document.addEventListener("click", (event) => {
    const insert = event.target.closest("[data-insert]");
    if (insert) for (const button of document.querySelectorAll("[data-add]")) button.value = `add:${button.dataset.add}:${insert.dataset.insert}`;
    const go = event.target.closest("[data-go]");
    if (go) {
      event.preventDefault();
      form.querySelector(".composer").dataset.pane = "ecrire";
      goTo(go.dataset.go);
    }
    const pane = event.target.closest("[data-pane-of]");
    if (pane) {
      form.querySelector(".composer").dataset.pane = pane.dataset.paneOf;
      for (const each of form.querySelectorAll("[data-pane-of]")) each.ariaPressed = String(each === pane);
    }
  });
  form.addEventListener("toggle", noteOpened, true);
  count(form);
  if (location.hash) goTo(location.hash.slice(1));
  return { act, isBusy: () => isBusy };
}
