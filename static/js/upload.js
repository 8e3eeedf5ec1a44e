// Uploads in pieces with progress: <form data-upload data-resume-url="…">. Without this script the form posts whole files.
// POST {name, size} to the resume address answers {received, piece}; each piece is POSTed with its offset
// and answers {received} and, at the end, {done: true}. The same file chosen again goes on where it stopped.
import { say } from "./words.js";

const RETRY_SECONDS = [2, 5, 10, 20];

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

async function sendAll(form, files) {
  const input = form.querySelector("input[type=file]");
  input.disabled = true;
  let done = 0;
  for (const file of files) done += (await new Upload(form, file).send()) ? 1 : 0;
  input.disabled = false;
  input.value = "";
  if (!files.length || done !== files.length) return;
  document.dispatchEvent(new Event("save-now"));
  setTimeout(() => location.reload(), 400);
}

class Upload {
  constructor(form, file) {
    this.form = form;
    this.file = file;
    this.spoken = -1;
    this.row = this.makeRow();
  }

  async send() {
    const start = await this.post(this.form.dataset.resumeUrl, { name: this.file.name, size: this.file.size });
    if (!start) return false;
    let received = start.received;
    let tries = 0;
    while (!this.stopped) {
      this.progress(received);
      const piece = this.file.slice(received, received + start.piece);
      const said = await this.post(this.form.dataset.resumeUrl, { name: this.file.name, size: this.file.size, offset: received, piece });
      if (said === null) return false;
      if (said === undefined) {
        if (tries >= RETRY_SECONDS.length) return this.problem(say("uploadStopped", { percent: this.percent(received) }));
        const seconds = RETRY_SECONDS[tries++];
        this.problem(say("uploadAgain", { percent: this.percent(received), seconds }));
        await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
        continue;
      }
      tries = 0;
      this.problem("");
      received = said.received;
      if (said.done) {
        this.progress(this.file.size);
        this.speak(say("uploaded", { name: this.file.name }));
        return true;
      }
    }
    return false;
  }

  /** The answer; undefined when the connection broke (try again); null when the server said no (shown). */
  async post(address, values) {
    const body = new FormData();
    for (const [name, value] of new FormData(this.form)) if (typeof value === "string") body.append(name, value);
    for (const [name, value] of Object.entries(values)) body.append(name, value);
    let answer;
    try {
      answer = await fetch(address, { method: "POST", body, headers: { Accept: "application/json" }, credentials: "same-origin" });
    } catch {
      return values.piece ? undefined : this.problem(say("uploadStopped", { percent: 0 })) || null;
    }
    if (answer.status >= 500) return values.piece ? undefined : this.problem(say("uploadStopped", { percent: 0 })) || null;
    const said = await answer.json().catch(() => ({}));
    if (answer.ok) return said;
    if (answer.status === 409 && said.received !== undefined) return said;
    const title = said.title && !/[.!?]$/.test(said.title) ? `${said.title}.` : said.title;
    this.problem([title, said.detail, said.action].filter(Boolean).join(" "));
    this.settle();
    return null;
  }

  /** Nothing more will happen with this row: only its words stay, and a way to put them away. */
  settle() {
    this.row.querySelector("progress").remove();
    this.row.querySelector(".upload__detail").remove();
    this.row.querySelector("button").textContent = say("close");
  }

  percent(received) {
    return this.file.size ? Math.floor((100 * received) / this.file.size) : 100;
  }

  progress(received) {
    const percent = this.percent(received);
    const bar = this.row.querySelector("progress");
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
    return false;
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
