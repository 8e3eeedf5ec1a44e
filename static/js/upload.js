// Uploads in pieces with progress: <form data-upload data-resume-url="…">. Without this script the form posts whole files.
// POST {name, size, mark} to the resume address answers {received, piece}, and {done, id} for a file that is there; each
// piece is POSTed with its offset and answers {received, done}. Nothing is lost or doubled by sending again, so whatever
// breaks is sent again, smaller and after a while. The same file chosen again goes on where it stopped.
import { settled, uploading } from "./underway.js";
import { say } from "./words.js";

const RETRY_SECONDS = [1, 2, 5, 10, 20, 30, 60, 60, 60];
const ANSWER_MS = 180_000;
const SMALLEST = 256 * 1024;
const GLANCE = 64 * 1024;
const MOST_STEPS_ASIDE = 8;

export function wireUploads() {
  for (const form of document.querySelectorAll("form[data-upload]")) wire(form);
}

function wire(form) {
  const input = form.querySelector("input[type=file]");
  const drop = form.querySelector("[data-drop]");
  const button = form.querySelector("[data-upload-button]");
  if (!form.dataset.resumeUrl) return;
  button.hidden = true;
  input.addEventListener("change", () => sendAll(form, [...input.files]));
  if (input.files.length) sendAll(form, [...input.files]); // chosen before this script had come
  for (const name of ["dragover", "dragleave", "drop"]) {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.dataset.over = String(name === "dragover");
      if (name === "drop") sendAll(form, [...event.dataTransfer.files]);
    });
  }
}

const queues = new WeakMap();

/** One file after the other; what is chosen meanwhile is added at the end. */
async function sendAll(form, files) {
  const queue = queues.get(form);
  queue?.push(...files);
  if (queue || !files.length) return;
  queues.set(form, files);
  const input = form.querySelector("input[type=file]");
  input.disabled = true;
  const over = uploading();
  const sent = [];
  while (files.length) sent.push(await new Upload(form, files.shift()).send());
  queues.delete(form);
  input.disabled = false;
  input.value = "";
  await settled(); // a save that is on its way comes home before the page is loaded anew
  over();
  if (sent.every(Boolean)) setTimeout(() => !queues.has(form) && showAll(sent.find((one) => one.id)?.id), 400);
}

/** Load the page anew; `id`: of a file that was there already, which the page then says. */
function showAll(id) {
  const to = new URL(`${location.pathname}${id ? `?again=${id}` : ""}#files`, location.href).href;
  if ((!id && !location.search) || to === location.href) location.reload();
  else location.replace(to);
}

/** What tells this file from another of its name and size: when it was changed, and a glance at both its ends. */
async function markOf(file) {
  let hash = 0x811c9dc5;
  for (const end of [file.slice(0, GLANCE), file.slice(-GLANCE)]) {
    for (const byte of new Uint8Array(await end.arrayBuffer())) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  }
  return `${file.lastModified}-${hash.toString(36)}`;
}

class Upload {
  constructor(form, file) {
    this.form = form;
    this.file = file;
    this.spoken = -1;
    this.received = 0;
    this.room = SMALLEST;
    this.line = new AbortController();
    this.row = this.makeRow();
  }

  /** Resolves to {} or, for a file that was there already, {id}; to null when it is not there. */
  async send() {
    let mark;
    try {
      mark = await markOf(this.file);
    } catch {
      this.problem(say("uploadUnread", { name: this.file.name }));
      this.settle();
      return null;
    }
    this.about = { name: this.file.name, size: this.file.size, mark };
    const start = await this.ask(() => this.about);
    if (!start) return null;
    if (start.done) return this.finished({ id: start.id });
    this.received = start.received;
    this.room = start.piece;
    let aside = 0;
    while (!this.stopped) {
      this.progress();
      const before = this.received;
      const said = await this.ask(() => ({ ...this.about, offset: before, piece: this.file.slice(before, before + this.room) }));
      if (!said) return null;
      if (said.done) return this.finished({ id: said.id });
      this.room = Math.min(start.piece, this.room * 2);
      this.received = said.received;
      // Another tab that sends the same file may be ahead or behind; nobody goes round in circles for ever.
      aside = said.received > before ? 0 : aside + 1;
      if (aside > MOST_STEPS_ASIDE) return this.gaveUp();
    }
    return null;
  }

  /** The answer, asked for again while the line is broken; null when the server said no (shown), or for too long nothing. */
  async ask(values) {
    for (const seconds of [...RETRY_SECONDS, null]) {
      const said = await this.post(values());
      if (this.stopped || said === null) return null;
      if (said !== undefined) {
        this.problem("");
        return said;
      }
      if (seconds === null) break;
      this.room = Math.max(SMALLEST, Math.floor(this.room / 2));
      this.problem(say("uploadAgain", { percent: this.percent(), seconds }));
      await this.pause(seconds * 1000);
    }
    return this.gaveUp();
  }

  /** One try: the answer; undefined when there was none; null when the server said no. */
  async post(values) {
    const body = new FormData();
    for (const [name, value] of new FormData(this.form)) if (typeof value === "string") body.append(name, value);
    for (const [name, value] of Object.entries(values)) body.append(name, value);
    const late = setTimeout(() => this.line.abort(), ANSWER_MS);
    let answer;
    let said;
    try {
      answer = await fetch(this.form.dataset.resumeUrl, {
        method: "POST",
        body,
        headers: { Accept: "application/json" },
        credentials: "same-origin",
        signal: this.line.signal,
      });
      said = await answer.json().catch(() => ({}));
    } catch {
      this.line = new AbortController();
      return undefined;
    } finally {
      clearTimeout(late);
    }
    if (said.received !== undefined && (answer.ok || answer.status === 409)) return said;
    // Something on the way answered in the server's place, or the server is busy: neither says no. A full disk does.
    const busy = (answer.status >= 500 && answer.status !== 507) || answer.status === 429 || answer.status === 408;
    if (!said.title || busy) return undefined;
    const title = /[.!?]$/.test(said.title) ? said.title : `${said.title}.`;
    this.problem([title, said.detail, said.action].filter(Boolean).join(" "));
    this.settle();
    return null;
  }

  /** Wait, but no longer than until the connection is back. */
  pause(milliseconds) {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        window.removeEventListener("online", done);
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      window.addEventListener("online", done);
    });
  }

  /** It is here: there is nothing to stop, should another file of the same choice keep the page as it is. */
  finished(what) {
    const told = say("uploaded", { name: this.file.name });
    this.row.querySelector("progress")?.remove();
    this.row.querySelector("button").remove();
    this.row.querySelector(".upload__detail").textContent = told;
    this.speak(told);
    return what;
  }

  gaveUp() {
    this.problem(say("uploadStopped", { percent: this.percent() }));
    this.settle();
    return null;
  }

  /** Nothing more will happen with this row: only its words stay, and a way to put them away. */
  settle() {
    this.row.querySelector("progress")?.remove();
    this.row.querySelector(".upload__detail")?.remove();
    this.row.querySelector("button").textContent = say("close");
  }

  percent() {
    return this.file.size ? Math.floor((100 * this.received) / this.file.size) : 100;
  }

  progress() {
    const percent = this.percent();
    const bar = this.row.querySelector("progress");
    if (!bar) return;
    bar.value = percent;
    bar.setAttribute("aria-label", say("uploading", { name: this.file.name, percent }));
    this.row.querySelector(".upload__detail").textContent = `${percent} %`;
    if (Math.floor(percent / 25) !== this.spoken) {
      this.spoken = Math.floor(percent / 25);
      this.speak(say("uploading", { name: this.file.name, percent }));
    }
  }

  problem(text) {
    this.row.querySelector(".upload__problem").textContent = text;
    if (text) this.speak(text);
  }

  speak(text) {
    this.form.querySelector("[data-upload-status]").textContent = text;
  }

  makeRow() {
    const row = document.createElement("li");
    row.className = "upload";
    const words = document.createElement("div");
    for (const part of ["name", "detail", "problem"]) {
      const line = document.createElement("p");
      line.className = `upload__${part}`;
      words.append(line);
    }
    words.firstChild.textContent = this.file.name;
    const stop = document.createElement("button");
    Object.assign(stop, { type: "button", className: "button button--small button--quiet", textContent: say("stop") });
    stop.addEventListener("click", () => {
      this.stopped = true;
      this.line.abort();
      row.remove();
    });
    const bar = document.createElement("progress");
    bar.max = 100;
    bar.value = 0;
    row.append(document.createElement("span"), words, stop, bar);
    this.form.querySelector("[data-upload-list]").append(row);
    return row;
  }
}
