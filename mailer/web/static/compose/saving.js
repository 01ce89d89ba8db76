// Saving by itself: a moment after the last key, one save at a time, tried again as long as the server is away.
// What could not be saved is kept in this browser, and offered when the letter is opened again.
import { createCopies } from "./copies.js";
import { markFields } from "./fields.js";

const PAUSE = 100;
const AGAIN = 4000;

export function startSaving(form, { onSaved, onMerged }) {
  // The page's parts are replaced by each act: looked up anew each time.
  const label = () => form.querySelector("[data-saved]");
  const copies = createCopies(form);
  let timer = 0;
  let running = null;
  let isDirty = false;
  let isStopped = false;
  // The server did not answer: the next try is set already.
  let isAway = false;
  let typedAt = 0;

  function show(state, words) {
    label().dataset.state = state;
    label().querySelector("span").textContent = words;
  }

  function tell(words, { way = "", recover = null, discard = null } = {}) {
    const box = form.querySelector("[data-trouble]");
    const link = box.querySelector("[data-way]");
    box.hidden = false;
    box.querySelector("[data-words]").textContent = words;
    link.hidden = !way;
    if (way) link.href = way;
    for (const [name, act] of [["recover", recover], ["discard", discard]]) {
      const button = box.querySelector(`[data-${name}]`);
      button.hidden = !act;
      button.onclick = () => {
        box.hidden = true;
        act();
      };
    }
  }

  function later(pause = PAUSE) {
    clearTimeout(timer);
    if (!isStopped) timer = setTimeout(save, pause);
  }

  function failed() {
    isDirty = true;
    isAway = true;
    show("failed", form.dataset.failed);
    copies.keep();
    later(AGAIN);
  }

  async function send() {
    isDirty = false;
    isAway = false;
    const data = new FormData(form);
    // Files go with the acts that need them, not with every key.
    for (const name of [...data.keys()]) if (name.endsWith(".file")) data.delete(name);
    const answer = await post(data);
    if (!answer || answer.status >= 500) {
      failed();
    } else if (!(answer.headers.get("content-type") || "").includes("json")) {
      // The session has ended, or the form is not taken at all: trying again would not help.
      stop(form.dataset.ended);
    } else {
      take(await answer.json());
    }
  }

  async function post(data) {
    try {
      return await fetch(form.dataset.base, {
        method: "POST",
        body: data,
        headers: { Accept: "application/json" },
        redirect: "manual",
        credentials: "same-origin",
        keepalive: document.visibilityState === "hidden",
      });
    } catch {
      return null;
    }
  }

  // Nothing is sent by itself from here on. With a `way`, the server has put aside what it was sent.
  function stop(words, way = "") {
    isStopped = true;
    if (!way) isDirty = true;
    if (isDirty) copies.keep();
    else copies.drop();
    show("failed", words);
    tell(words, { way });
  }

  function take(said) {
    if (said.conflict || said.error) {
      stop(said.error || form.dataset.foreign, said.conflict);
      return;
    }
    isStopped = false;
    form.elements.base.value = said.version;
    form.dataset.file = said.file;
    copies.drop();
    form.querySelector("[data-undo]").ariaDisabled = said.can_undo ? null : "true";
    form.querySelector("[data-redo]").ariaDisabled = said.can_redo ? null : "true";
    markFields(form, said.refused.map((each) => ({ ...each, severity: "blocking" })), "refused");
    if (said.refused.length) show("failed", form.dataset.partly);
    else show("saved", said.saved);
    if (said.refused.length) copies.keep();
    onSaved();
    if (said.file !== said.version) onMerged();
  }

  async function save() {
    clearTimeout(timer);
    if (running) {
      isDirty = true;
      return running;
    }
    show("saving", form.dataset.saving);
    running = send().finally(() => {
      running = null;
      if (isDirty && !isAway) later();
    });
    return running;
  }

  // What an earlier page could not save stays kept until it is put back or thrown away.
  function recover() {
    const found = copies.find();
    if (!found) return;
    tell(form.dataset.kept, {
      recover: () => putBack(found),
      discard: () => {
        copies.drop(found.key);
        recover();
      },
    });
  }

  // Sent as it was written, with the version that it was written on: the server saves it, or keeps both.
  async function putBack(found) {
    const data = new FormData();
    for (const [name, value] of found.fields) data.append(name, value);
    data.set("csrf", form.elements.csrf.value);
    data.set("act", "save");
    const answer = await post(data);
    if (!answer || !(answer.headers.get("content-type") || "").includes("json")) {
      failed();
      return recover();
    }
    const said = await answer.json();
    if (said.error) return tell(said.error);
    if (said.refused?.length) return tell(form.dataset.partly, { discard: () => copies.drop(found.key) });
    copies.drop(found.key);
    return said.conflict ? location.assign(said.conflict) : location.reload();
  }

  form.addEventListener("input", (event) => {
    if (event.target.type === "file" || event.target.id === "pour") return;
    isDirty = true;
    typedAt = Date.now();
    if (isStopped) copies.keep();
    later();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" && isDirty && !isStopped) save();
  });
  addEventListener("beforeunload", (event) => {
    if (isDirty || running) {
      copies.keep();
      if (label().dataset.state === "failed") event.preventDefault();
    }
  });

  return {
    // Waits for what is on its way; the form may be sent as a whole afterwards.
    async settle() {
      clearTimeout(timer);
      if (running) await running;
      clearTimeout(timer);
    },
    sent() {
      isDirty = false;
      isStopped = false;
    },
    // Whether the form may be renewed: nothing is unsaved, and nobody is typing.
    isIdle: (pause) => !isDirty && !running && !isStopped && Date.now() - typedAt > pause,
    isStopped: () => isStopped,
    save,
    recover,
    failed,
    tell,
    show,
  };
}
