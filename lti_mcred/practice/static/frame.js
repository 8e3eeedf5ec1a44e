// The page around the tool: sizes its frame, closes it, tells what it can do. Only the tool's own origins are heard.
"use strict";
const stage = document.getElementById("stage");
const frame = document.getElementById("tool-frame");
const known = (stage.dataset.origins || "").split(" ").filter(Boolean);
const storage = stage.dataset.storage || "";
const TALLEST = 12000;

function supported() {
  const subjects = ["lti.capabilities", "lti.close", "lti.frameResize", "lti.scrollToTop", "lti.showAlert"];
  const messages = subjects.map((subject) => ({ subject }));
  for (const subject of ["lti.get_data", "lti.put_data"]) {
    messages.push(storage === "_parent" ? { subject } : { subject, frame: storage });
  }
  return messages;
}

function showAlert(text) {
  const alert = document.getElementById("tool-alert");
  if (alert) {
    alert.textContent = String(text || "").slice(0, 400);
    alert.hidden = false;
  }
}

const handlers = {
  "lti.capabilities": (_data, event) => {
    event.source.postMessage({ subject: "lti.capabilities.response", supported_messages: supported() }, event.origin);
  },
  "lti.frameResize": (data) => {
    const height = Number(data.height);
    if (height > 0 && height <= TALLEST) {
      frame.height = String(Math.ceil(height));
      frame.classList.add("sized");
    }
  },
  "lti.close": () => window.location.assign(stage.dataset.back),
  "lti.scrollToTop": () => window.scrollTo(0, 0),
  "lti.showAlert": (data) => showAlert(data.body),
};

window.addEventListener("message", (event) => {
  let data = event.data;
  if (typeof data === "string") {
    try {
      data = JSON.parse(data);
    } catch {
      return;
    }
  }
  if (!data || typeof data !== "object" || !event.source) {
    return;
  }
  if (stage.dataset.registration) {
    if (data.subject === "org.imsglobal.lti.close" && event.source === frame.contentWindow) {
      window.location.assign(stage.dataset.back);
    }
    return;
  }
  if (!storage || !known.includes(event.origin)) {
    return; // a platform that offers no storage is silent altogether, as Moodle and the mobile apps are
  }
  if (PracticeStorage.answer(event, known, stage.dataset.storageAnswers)) {
    return;
  }
  const handler = handlers[data.subject];
  if (handler) {
    handler(data, event);
  }
});
