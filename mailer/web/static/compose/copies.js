// Copies of a form in this browser, one for each opened page of each user: no page overwrites or drops what another one kept.
const PLACES = ["csrf", "base", "page", "open", "view", "pour"];
const UNKEPT = ["csrf", "pour"];

export function createCopies(form) {
  const prefix = `relais:${form.dataset.user}:${form.dataset.ref}:`;
  const mine = prefix + form.elements.page.value;

  function texts() {
    return [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !UNKEPT.includes(name));
  }

  function keep() {
    try {
      localStorage.setItem(mine, JSON.stringify({ at: Date.now(), fields: texts() }));
    } catch {
      // No room in this browser: the page itself still holds the text.
    }
  }

  function drop(key = mine) {
    try {
      localStorage.removeItem(key);
    } catch {
      // This browser keeps nothing at all.
    }
  }

  // The newest copy of an earlier page that says something else than this one does; null for none.
  function find() {
    const present = written(texts());
    const found = others().sort((one, other) => other.at - one.at);
    for (const each of found) if (written(each.fields) === present) drop(each.key);
    return found.find((each) => written(each.fields) !== present) || null;
  }

  function others() {
    try {
      const keys = Object.keys(localStorage).filter((key) => key.startsWith(prefix) && key !== mine);
      return keys.map((key) => ({ key, ...JSON.parse(localStorage.getItem(key)) }));
    } catch {
      return [];
    }
  }

  return { keep, drop, find };
}

function written(fields) {
  return JSON.stringify(fields.filter(([name]) => !PLACES.includes(name)));
}
