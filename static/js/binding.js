// Ties a launch to this browser by the platform's own storage (LTI platform storage, lti-pm-s and lti-cs-pm).
// "put" at login, "get" at launch. No answer is no fault: both then offer a new window.
import { wireFrame } from "./frame.js";
import { wireNewWindow } from "./small.js";
import { keep, newId, turnInto } from "./words.js";

const WAIT_MS = 1500;
const box = document.querySelector("[data-binding]");
const { target, origin, state } = box.dataset;
const home = window.opener ?? window.parent;
const framed = home === window.parent && home !== window;

function frameNamed(name) {
  if (!name || name === "_parent") return home;
  try {
    return home.frames[name] ?? null;
  } catch {
    return null;
  }
}

/** One message and its answer; rejects after WAIT_MS. `from` is the only origin whose answer counts, "*" any. */
function ask(frame, from, message) {
  return new Promise((resolve, reject) => {
    const id = newId();
    const stop = setTimeout(() => done(reject, new Error("no answer")), WAIT_MS);
    const hear = (event) => {
      if (from !== "*" && event.origin !== from) return;
      if (from === "*" && event.source !== frame) return;
      const said = event.data;
      if (typeof said !== "object" || said === null || said.message_id !== id) return;
      if (typeof said.subject !== "string" || !said.subject.endsWith(".response")) return;
      if (said.error) done(reject, new Error(said.error.code));
      else done(resolve, said);
    };
    const done = (settle, value) => {
      clearTimeout(stop);
      window.removeEventListener("message", hear);
      settle(value);
    };
    window.addEventListener("message", hear);
    frame.postMessage({ ...message, message_id: id }, from);
  });
}

/**
 * Ask the frame that the platform named; inside Canvas's editor it is missing, so the parent is asked then.
 *
 * The parent may be of any origin: at the launch only a page of the platform's may hold this one in a frame. Whoever
 * opened this window may be anybody, who would "prove" this browser for a launch of his own.
 */
async function talk(message) {
  if (home === window) throw new Error("nobody around this page"); // an app's own view, or a window without its opener
  const frame = frameNamed(target);
  if (frame) {
    try {
      return await ask(frame, origin, message);
    } catch (problem) {
      if (target === "_parent" || !target) throw problem;
    }
  }
  if (!framed) throw new Error("the platform's frame is not there");
  return ask(home, "*", message);
}

async function put() {
  try {
    if (!keep.set("probe", "1")) throw new Error("no storage");
    keep.drop("probe");
    await talk({ subject: "lti.put_data", key: `state_${state}`, value: state });
    // Read it back at once: a storage that forgets would be noticed only when the launch is used up.
    const { value } = await talk({ subject: "lti.get_data", key: `state_${state}` });
    if (value !== state) throw new Error("no memory");
  } catch {
    // No cookie, and no storage of the platform's or for our bearer: going on would use up the launch, given once.
    offerNewWindow();
    return;
  }
  location.replace(box.dataset.nextUrl);
}

async function get() {
  const { value } = await talk({ subject: "lti.get_data", key: `state_${state}` });
  if (value !== state) throw new Error("another browser");
  talk({ subject: "lti.put_data", key: `state_${state}`, value: null }).catch(() => undefined);
  const answer = await fetch(box.dataset.confirmUrl, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify({ ticket: box.dataset.ticket, state: value }),
    credentials: "same-origin",
  });
  if (!answer.ok) throw new Error(`confirm ${answer.status}`);
  const { bearer, visit_id: visit, url } = await answer.json();
  if (!keep.set(`visit:${visit}`, bearer)) throw new Error("no storage");
  location.replace(url);
}

function offerNewWindow() {
  // Another window would end here again: this one is not inside anything that takes its cookies away.
  const offer = document.querySelector(window.top === window ? "[data-cookies-off]" : "[data-new-window]");
  turnInto(offer);
  wireFrame();
}

wireNewWindow();
if (box.dataset.binding === "put") put();
else get().catch(offerNewWindow);
