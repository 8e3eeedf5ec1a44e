// What this page still has under way. Its forms and links wait for it: a page that leaves while a save is on its way
// comes back as another tab would, with an older text. Every draft is {form, busy, dirty(), settle(), quiet(), leave()}.

const LONGEST_MS = 15_000; // a server that answers no more holds nobody back for ever; the text is kept in this browser
const TWICE_MS = 2000;
const drafts = new Set();
const waiting = new WeakSet();
const sent = new WeakMap();
let released = null;
let uploads = 0;

export function watch(draft) {
  drafts.add(draft);
}

/** Counts an upload as under way until the function that it returns is called. */
export function uploading() {
  uploads += 1;
  let over = false;
  return () => {
    if (!over) uploads -= 1;
    over = true;
  };
}

export const uploadsUnderWay = () => uploads > 0;

/** Resolves when everything that was typed has been saved, or cannot be at the moment. */
export function settled() {
  return wait([...drafts].map((draft) => draft.settle()));
}

function wait(all) {
  return Promise.race([Promise.allSettled(all), new Promise((resolve) => setTimeout(resolve, LONGEST_MS))]);
}

function submitting(event) {
  const { target: form, submitter } = event;
  if (event.defaultPrevented || form.method === "dialog") return;
  const own = [...drafts].find((draft) => draft.form === form);
  if (released === form) {
    sent.set(form, Date.now());
    own?.leave();
    return;
  }
  if (waiting.has(form) || Date.now() - (sent.get(form) ?? 0) < TWICE_MS) {
    event.preventDefault(); // pressed twice
    return;
  }
  // What is typed in this form goes with it; only a save of it that is on its way is waited for.
  const open = [...drafts].filter((draft) => draft.busy || (draft !== own && draft.dirty()));
  if (!open.length) {
    sent.set(form, Date.now());
    own?.leave();
    return;
  }
  event.preventDefault();
  waiting.add(form);
  wait(open.map((draft) => (draft === own ? draft.quiet() : draft.settle()))).then(() => {
    waiting.delete(form);
    released = form;
    try {
      form.requestSubmit(submitter);
    } catch {
      form.submit();
    }
    released = null;
  });
}

function following(event) {
  const link = event.target.closest?.("a[href]");
  if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  if (!link || (link.target && link.target !== "_self") || link.hasAttribute("download")) return;
  const to = new URL(link.href, location.href);
  if (!/^https?:$/.test(to.protocol) || to.href.split("#")[0] === location.href.split("#")[0]) return;
  if (![...drafts].some((draft) => draft.busy || draft.dirty())) return;
  event.preventDefault();
  settled().then(() => location.assign(to.href));
}

export function wireWaiting() {
  document.addEventListener("submit", submitting);
  document.addEventListener("click", following);
  window.addEventListener("beforeunload", (event) => {
    if (uploads) event.preventDefault();
  });
  // Back from the browser's memory: the work may have changed on the pages in between.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted && ![...drafts].some((draft) => draft.dirty())) location.reload();
  });
}
