// The picker: what is ticked is counted, and goes along to every page that is opened from here and back again.

export function wirePicker() {
  const form = document.querySelector("form[data-picker]");
  if (!form) return;
  const count = form.querySelector("[data-count]");
  const links = [...form.querySelectorAll("a[data-keeps-ticks]")];

  const note = () => {
    const chosen = new FormData(form).getAll("version");
    if (count) count.textContent = (chosen.length === 1 ? count.dataset.one : count.dataset.many).replace("{num}", chosen.length);
    for (const link of links) link.href = withTicks(link.href, chosen);
    try {
      // Back from a preview opens this address again.
      history.replaceState(history.state, "", withTicks(location.href, chosen));
    } catch {
      // A frame without an origin may not: there the form alone keeps them.
    }
  };
  form.addEventListener("change", note);
  note();
}

function withTicks(href, chosen) {
  const url = new URL(href);
  url.searchParams.delete("version");
  for (const one of chosen) url.searchParams.append("version", one);
  return url.href;
}
