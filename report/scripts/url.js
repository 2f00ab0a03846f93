// What a reader has chosen stands in the page's address, so that a link brings it back: `?verdict=qualified&p=0.5`. Places
// in the page stay what the fragment names.
const urlState = {
  chosen: new URLSearchParams(location.search),
  waiting: 0,

  // The value of a key as text, or null.
  get(key) { return this.chosen.get(key); },

  // Remember a value; null, undefined or '' forgets the key. The address follows when nothing has changed for a moment.
  set(key, value) {
    if (value === null || value === undefined || value === '') { this.chosen.delete(key); } else { this.chosen.set(key, value); }
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.write(), 200);
  },

  // Name a place without going there.
  place(id) { this.write(id && `#${id}`); },

  write(hash = location.hash) {
    const query = this.chosen.toString().replaceAll('%2C', ',');
    try {
      history.replaceState(history.state, '', `${location.pathname}${query && '?'}${query}${hash}`);
    } catch { /* some viewers do not let a page change its address; it works as well without */ }
  },
};

// A link into something folded unfolds it, and a claim that is unfolded becomes the address.
function followPlaces() {
  const unfold = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const folded = target && (target.closest('main details') || target.querySelector(':scope > details'));
    if (folded && !folded.open) {
      folded.open = true;
      target.scrollIntoView();
    }
  };
  document.querySelectorAll('details.claim').forEach((record) => {
    const { id } = record.querySelector('div[id]');
    record.addEventListener('toggle', () => {
      if (record.open) { urlState.place(id); } else if (location.hash === `#${id}`) { urlState.place(''); }
    });
  });
  window.addEventListener('hashchange', unfold);
  unfold();
}
