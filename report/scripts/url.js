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

  write() {
    const query = this.chosen.toString().replaceAll('%2C', ',');
    try {
      history.replaceState(history.state, '', `${location.pathname}${query && '?'}${query}${location.hash}`);
    } catch { /* some viewers do not let a page change its address; it works as well without */ }
  },
};
