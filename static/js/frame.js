// In its own window the page gets a header; inside a frame it tells the LMS how tall it is.
import { keep } from "./words.js";

export function wireFrame() {
  if (window.top === window) {
    document.body.classList.add("own-window");
    return;
  }
  // Without the window's height as its least, so that a short page after a long one shrinks the frame again.
  document.body.classList.add("in-frame");
  // A page whose panes scroll by themselves, or whose foot stays in sight, asks for a window's height, not for all of its
  // content's; `data-frame-from` says from which width on.
  const panes = document.querySelector("[data-frame-height]");
  const wide = window.matchMedia(`(min-width: ${panes?.dataset.frameFrom ?? 900}px)`);
  let last = 0;
  const tell = () => {
    const fixed = wide.matches && panes ? Number(panes.dataset.frameHeight) : 0;
    const height = fixed || Math.ceil(document.body.getBoundingClientRect().height);
    if (Math.abs(height - last) < 8) return;
    last = height;
    // A height is no secret; the parent's origin is not known on every LMS (Canvas, Sakai and Open edX listen).
    window.parent.postMessage({ subject: "lti.frameResize", height }, "*");
  };
  if (window.ResizeObserver) new ResizeObserver(tell).observe(document.body);
  // Where the LMS makes the frame as tall as the page, nothing can stick to the foot of the screen.
  window.addEventListener("resize", () => {
    if (window.innerHeight >= last - 8) document.body.classList.add("is-grown");
  });
  tell();
  startAtTheTop();
}

// The LMS's page stays scrolled to where the last button was: another page of ours would open at its middle.
// Whoever sees the heading already is left alone: a page that moves under the pointer makes people miss.
function startAtTheTop() {
  const another = isAnotherPage();
  const heading = document.querySelector("h1");
  if (!another || !heading || location.hash || !window.IntersectionObserver) return;
  new IntersectionObserver(([seen], observer) => {
    observer.disconnect();
    if (seen.isIntersecting) return;
    heading.scrollIntoView({ block: "nearest" });
    window.parent.postMessage({ subject: "lti.scrollToTop" }, "*");
  }).observe(heading);
}

/** Whether another page of ours stood in this frame before. Without storage the browser says how it came here. */
function isAnotherPage() {
  const before = keep.get("page");
  if (keep.set("page", location.pathname)) return before !== null && before !== location.pathname;
  const [coming] = performance.getEntriesByType?.("navigation") ?? [];
  return !document.documentElement.dataset.address && coming?.type === "navigate"; // the launch has an address
}
