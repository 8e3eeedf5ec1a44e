// Autosave: <form data-autosave="address">. What is typed is kept in this browser until the server has confirmed it.
// The server answers {saved_at, revision}; 409 answers {revision, theirs: {field name: value}} and loses neither. `whole`
// says that `theirs` is all that is kept there; otherwise it holds only the texts that differ.
// Each save has an id, and names those before it whose answers did not come: a revision that one of them made is this
// page's own and no other tab's. So is all that is kept there when this page has held just that: what it said last, while
// it was being left, is not always noted in time for the page that comes after it.
import { uploadsUnderWay, watch } from "./underway.js";
import { clock, keep, newId, say } from "./words.js";

const PAUSE_MS = 900;
const ANSWER_MS = 30_000;
const RETRY_SECONDS = [3, 6, 12, 30, 60];
const LARGEST_LAST = 50_000; // bytes that a browser sends for a page that is gone (64 KiB in all)
const MOST_NOTED = 20; // saves
const ABOUT_THE_SAVE = ["visit_bearer", "revision", "save_id", "unheard"];

export function wireAutosave() {
  for (const form of document.querySelectorAll("form[data-autosave]")) new Draft(form).start();
}

class Draft {
  constructor(form) {
    this.form = form;
    // Named after the work, not the address: the next launch has another address and must find what was kept.
    this.key = `draft:${form.dataset.draftKey || location.pathname}`;
    this.timer = 0;
    this.tries = 0;
    this.changes = 0;
    this.saved = 0;
    this.unheard = [];
    this.past = [];
    this.busy = null;
  }

  start() {
    watch(this);
    this.restore();
    // Typed while this script was still on its way (or put back by the browser): nobody heard it, so look.
    if (!this.dirty() && this.typedBefore()) this.changed({});
    this.form.addEventListener("input", (event) => this.changed(event));
    this.form.addEventListener("change", (event) => this.changed(event));
    document.addEventListener("visibilitychange", () => document.hidden && this.dirty() && this.save());
    window.addEventListener("online", () => this.dirty() && this.save());
    window.addEventListener("pagehide", () => this.lastWord());
    window.addEventListener("pageshow", (event) => event.persisted && (this.leaving = false));
    window.addEventListener("beforeunload", (event) => {
      // Only when not even this browser could keep it is a warning worth the fright.
      if (this.dirty() && !this.kept && !this.leaving) event.preventDefault();
    });
    document.addEventListener("save-now", () => this.save());
  }

  typedBefore() {
    return [...this.form.elements].some((box) => {
      if (box.readOnly || box.disabled) return false;
      if (box.type === "checkbox" || box.type === "radio") return box.checked !== box.defaultChecked;
      return (box.type === "text" || box.type === "url" || box.type === "textarea") && box.value !== box.defaultValue;
    });
  }

  dirty() {
    return this.changes !== this.saved;
  }

  changed({ type, target }) {
    if (target?.type === "file" || target?.readOnly) return;
    // What the page offers depends on this field (another way to show it takes other files): load it anew once saved.
    if (type === "change" && target.name === this.form.dataset.reloadOn) this.reload = true;
    this.changes += 1;
    this.held = this.stopped = false;
    this.remember({});
    this.show("unsaved", "");
    this.later(PAUSE_MS);
  }

  /** The form goes with what is typed in it. */
  leave() {
    clearTimeout(this.timer);
    this.leaving = true;
    this.name(this.form);
    if (this.dirty()) this.remember({ sent: true });
  }

  /** Resolves when no save is on its way. */
  async quiet() {
    clearTimeout(this.timer);
    while (this.busy) await this.busy;
  }

  /** Resolves when all that is typed is saved, or could not be: no connection, a conflict, a refusal. */
  async settle() {
    await this.quiet();
    if (this.dirty() && !this.held && !this.stopped) await this.save();
  }

  /** The page goes. What no answer came for is sent once more by the browser itself; the page hears nothing of it. */
  lastWord() {
    if (!this.dirty() || this.leaving || this.held || this.stopped || this.size() > LARGEST_LAST) return;
    try {
      this.send({ keepalive: true }).catch(() => undefined);
    } catch {
      // What is typed is kept in this browser, if it may keep anything.
    }
  }

  remember(more) {
    const revision = this.form.elements.revision?.value;
    const kept = { at: Date.now(), revision, fields: this.fields(), unheard: this.unheard, ...more };
    this.kept = keep.set(this.key, JSON.stringify(kept));
  }

  /** Give the next save its id; say which ones before it were not heard of. */
  name(form) {
    if (!form.elements.revision) return;
    const id = newId();
    for (const [name, value] of [["save_id", id], ["unheard", this.unheard.join(" ")]]) {
      if (!form.elements[name]) form.append(Object.assign(document.createElement("input"), { type: "hidden", name }));
      form.elements[name].value = value;
    }
    this.unheard = [...this.unheard, id].slice(-MOST_NOTED);
  }

  /** Note what this page has held: its latest twenty states. */
  note(fields) {
    this.past = [...this.past, new Map(fields)].slice(-MOST_NOTED);
  }

  send(more) {
    this.name(this.form);
    this.remember({});
    this.note(this.fields());
    return fetch(this.form.dataset.autosave, {
      method: "POST",
      body: new FormData(this.form),
      headers: { Accept: "application/json" },
      credentials: "same-origin",
      ...more,
    });
  }

  size() {
    return new Blob(this.fields().flat()).size;
  }

  later(milliseconds) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), milliseconds);
  }

  fields() {
    const rows = [];
    for (const [name, value] of new FormData(this.form)) {
      if (typeof value === "string" && !ABOUT_THE_SAVE.includes(name)) rows.push([name, value]);
    }
    return rows;
  }

  save() {
    if (this.busy || this.leaving || this.held) return this.busy ?? Promise.resolve();
    clearTimeout(this.timer);
    this.busy = this.saveOnce().finally(() => (this.busy = null));
    return this.busy;
  }

  async saveOnce() {
    const upTo = this.changes;
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), ANSWER_MS);
    this.show("saving", "");
    try {
      await this.heard(await this.send({ signal: patience.signal }), upTo);
    } catch {
      this.retry();
    } finally {
      clearTimeout(timer);
    }
    if (this.dirty() && this.tries === 0 && !this.stopped && !this.held) this.later(PAUSE_MS);
  }

  async heard(answer, upTo) {
    if (answer.status >= 500 || answer.status === 429) {
      this.retry();
      return;
    }
    const said = await answer.json().catch(() => ({}));
    if (answer.ok && said.saved_at === undefined) {
      this.retry(); // something on the way answered in the server's place
      return;
    }
    this.unheard = [];
    if (said.revision !== undefined && this.form.elements.revision) this.form.elements.revision.value = said.revision;
    this.tries = 0;
    if (answer.status === 409) {
      if (!said.whole || !this.ours(said.theirs)) this.conflict(said.theirs ?? {});
    } else if (answer.ok) {
      this.saved = upTo;
      if (this.dirty()) this.remember({});
      else keep.drop(this.key);
      if (this.reload && !this.dirty() && !uploadsUnderWay()) location.reload();
      this.show("saved", "", { time: clock(new Date(said.saved_at ?? Date.now())) });
    } else {
      this.stopped = true;
      if (this.kept) this.show("refused", "problem");
      else this.show("refusedHere", "problem");
      if (said.detail) this.form.querySelector("[data-save-text]").textContent = `${said.detail} ${said.action ?? ""}`;
    }
  }

  retry() {
    const seconds = RETRY_SECONDS[Math.min(this.tries, RETRY_SECONDS.length - 1)];
    this.tries += 1;
    if (this.kept) this.show("kept", "problem", { seconds });
    else this.show("unkept", "problem", { seconds });
    this.later(seconds * 1000);
  }

  /** Whether this page sent all of that itself, or found it kept from the page before it. */
  ours(theirs) {
    return this.past.some((fields) => Object.entries(theirs).every(([name, value]) => (fields.get(name) ?? "") === value));
  }

  conflict(theirs) {
    // Saving again would replace the other text: wait until the person, who now sees both, types or presses Save.
    this.held = true;
    this.show("conflict", "problem");
    for (const mark of this.form.querySelectorAll("[data-theirs]")) mark.remove();
    for (const [name, value] of Object.entries(theirs)) {
      const box = this.form.elements[name];
      if (box instanceof RadioNodeList) this.mark(box, value);
      else this.beside(box, value);
    }
  }

  /** Say which choice the other tab has saved, unless it is the one that is made here. */
  mark(choices, value) {
    const one = [...choices].find((choice) => choice.value === value);
    if (!one || one.checked) return;
    const line = document.createElement("p");
    line.className = "choice__hint";
    line.dataset.theirs = "";
    line.textContent = say("otherChoice");
    one.closest(".choice").append(line);
  }

  /** Show another text below a box, unless the box holds it. */
  beside(box, text) {
    if (!box || box.value === text || !text) return;
    const id = `${box.id}-other`;
    document.getElementById(id)?.closest(".field").remove();
    const field = document.createElement("div");
    field.className = "field";
    const label = document.createElement("label");
    label.className = "field__label";
    label.htmlFor = id;
    label.textContent = say("other");
    const other = document.createElement("textarea");
    Object.assign(other, { className: "input", id, readOnly: true, value: text, rows: 5 });
    field.append(label, other);
    box.closest(".field").after(field);
  }

  restore() {
    const { at, revision, fields, sent, unheard } = keep.read(this.key) ?? {};
    if (!Array.isArray(fields)) return;
    if (sent && Number(this.form.elements.revision?.value) > Number(revision)) {
      keep.drop(this.key); // the server took what was sent with the button
      return;
    }
    let different = false;
    for (const [name, value] of fields) {
      const box = this.form.elements[name];
      if (box?.type === "textarea" && box.value !== box.defaultValue) {
        if (box.defaultValue === value) continue; // the server has what was kept, and that was typed on
        this.beside(box, value); // typed anew before this script had come
        different = true;
        continue;
      }
      if (box?.type === "checkbox" ? box.checked : !box || typeof box.value !== "string" || box.value === value) continue;
      if (box.type === "checkbox") box.checked = true;
      else box.value = value; // also checks the right one of a group of radio buttons
      different = true;
    }
    const named = new Set(fields.map(([name]) => name));
    for (const box of this.form.elements) {
      if (box.type !== "checkbox" || !box.checked || named.has(box.name)) continue;
      box.checked = false; // what is not ticked is no field of a form
      different = true;
    }
    if (!different) {
      keep.drop(this.key);
      return;
    }
    // Saved as from the page on which it was typed: if another tab saved since, the server answers with both texts.
    if (revision !== undefined && this.form.elements.revision) this.form.elements.revision.value = revision;
    this.unheard = Array.isArray(unheard) ? unheard : [];
    this.note(fields);
    this.changes += 1;
    this.kept = true;
    this.show("restored", "problem", { time: clock(new Date(at)) });
    this.later(PAUSE_MS);
  }

  show(key, state, values) {
    const line = this.form.querySelector("[data-save-state]");
    if (!line) return;
    line.dataset.state = state;
    line.querySelector("[data-save-text]").textContent = say(key, values);
  }
}
