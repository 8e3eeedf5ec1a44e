// Small conveniences: copy buttons, dialogs, print, focus on an error summary, the "new window" link.
import { say, toast } from "./words.js";

export function wireCopy() {
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.addEventListener("click", async () => {
      const field = document.getElementById(button.dataset.copy);
      try {
        await navigator.clipboard.writeText(field.value ?? field.textContent);
        toast(say("copied"));
      } catch {
        // A frame without clipboard permission: select the text so that one key press copies it.
        field.focus();
        field.select?.();
        toast(say("copyHelp"));
      }
    });
  }
}

export function wireDialogs() {
  document.addEventListener("click", (event) => {
    const opener = event.target.closest?.("[data-open-dialog]");
    if (!opener) return;
    const dialog = document.getElementById(opener.dataset.openDialog);
    if (!dialog?.showModal) return;
    event.preventDefault();
    dialog.showModal();
  });
}

export function wirePrint() {
  for (const button of document.querySelectorAll("[data-print]")) button.addEventListener("click", () => window.print());
}

export function wireFocus() {
  document.querySelector("[data-focus]")?.focus();
}

/** Something is under way on the server: look again in a few seconds, unless the person types or has typed something. */
export function wireComeBack() {
  const waiting = document.querySelector("[data-come-back]");
  if (!waiting) return;
  let typed = false;
  document.addEventListener("input", () => (typed = true));
  setInterval(() => {
    if (!typed && !document.hidden && !document.activeElement?.matches("input, select, textarea")) location.reload();
  }, Number(waiting.dataset.comeBack) * 1000);
}

/** One launch, one window: an LMS gives a launch once, so a second press leads to the window that is open already. */
export function wireNewWindow() {
  for (const box of document.querySelectorAll("[data-new-window-link]")) {
    let opened = null;
    box.querySelector("a").addEventListener("click", (event) => {
      box.querySelector("[data-again]").hidden = false;
      if (opened && !opened.closed) opened.focus();
      else opened = window.open(event.currentTarget.href, "_blank");
      if (opened) event.preventDefault(); // else the link itself is tried
    });
  }
}

/** The operator's link carries its code behind "#", where only the browser sees it. */
export function wireDoor() {
  const form = document.querySelector("[data-door]");
  const code = location.hash.slice(1);
  if (!form || !code) return;
  form.elements.code.value = code;
  form.querySelector("[data-door-typed]").hidden = true;
}
