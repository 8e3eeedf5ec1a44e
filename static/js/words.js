// Translated words: base.html carries them as data attributes, so that scripts need no language of their own.
const holder = document.querySelector("[data-words]");

/** The word for `key` with {placeholders} filled in; the key itself when the page has none. */
export function say(key, values = {}) {
  const text = holder?.dataset[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** Hours and minutes as the reader's language writes them, in the zone that the page's other times are in. */
export function clock(date = new Date()) {
  const { lang, dataset } = document.documentElement;
  const shape = { hour: "numeric", minute: "2-digit" };
  try {
    return new Intl.DateTimeFormat(lang || undefined, { ...shape, timeZone: dataset.zone || undefined }).format(date);
  } catch {
    return date.toLocaleTimeString([], shape); // a zone or a language that this browser does not know
  }
}

/** A short message at the foot of the page, spoken by screen readers. */
export function toast(text) {
  const box = document.querySelector("[data-toasts]");
  if (!box) return;
  const line = document.createElement("p");
  line.className = "toast";
  line.textContent = text;
  box.append(line);
  setTimeout(() => line.remove(), 5000);
}

/**
 * A page that said "Opening…" says something else now: show `box` under its heading, and let a screen reader know.
 *
 * The heading takes the focus where it is in this page already. Inside an LMS it is often still in the page around the
 * frame; it is not taken from there, and the words are spoken instead.
 */
export function turnInto(box) {
  const heading = document.querySelector("h1");
  heading.textContent = document.title = box.dataset.heading;
  box.hidden = false;
  if (document.hasFocus()) {
    heading.tabIndex = -1;
    heading.focus();
    return;
  }
  const spoken = document.querySelector("[data-spoken]");
  spoken.textContent = `${box.dataset.heading}. ${box.querySelector("p").textContent}`;
  setTimeout(() => spoken.replaceChildren(), 10_000); // the same words stand in the page: nobody reads them twice
}

/** 32 hexadecimal digits that nobody else draws. */
export function newId() {
  const drawn = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(drawn, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** sessionStorage that may be forbidden, full or absent: then it remembers nothing and breaks nothing. */
export const keep = {
  get(key) {
    try {
      return sessionStorage.getItem(key);
    } catch {
      return null;
    }
  },
  /** What was kept as JSON; null where nothing is, or nothing that can be read. */
  read(key) {
    try {
      return JSON.parse(sessionStorage.getItem(key));
    } catch {
      return null;
    }
  },
  set(key, value) {
    try {
      sessionStorage.setItem(key, value);
      return sessionStorage.getItem(key) === value;
    } catch {
      return false;
    }
  },
  drop(key) {
    try {
      sessionStorage.removeItem(key);
    } catch {
      // Nothing was kept, so nothing is to be dropped.
    }
  },
};
