// A launch shows its first page at its own address, which opens nothing a second time: reload and back need the page's.
const { address } = document.documentElement.dataset;
if (address) {
  try {
    history.replaceState(history.state, "", address);
  } catch {
    // A frame without an origin may not: there the LMS opens the page anew.
  }
}
