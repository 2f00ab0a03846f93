// Values of a drawing: those of the mark nearest to the pointer or, by the arrow keys, of one mark after the other.
const REACH = 26; // CSS pixels

function tellValues(figure) {
  const plot = figure.querySelector('.plot');
  const { panels, narrow } = (plot && stored(figure)) || {};
  if (!panels || !panels.length) { return; }
  const tellers = [...plot.querySelectorAll('svg')].map((svg) => (
    new Teller(svg, panels, svg.classList.contains('narrow') ? narrow : null)
  ));
  plot.setAttribute('aria-label', `${plot.getAttribute('aria-label')}. Arrow keys read its values`);
  plot.addEventListener('keydown', (event) => tellers.find(({ svg }) => svg.getClientRects().length).key(event));
  plot.addEventListener('blur', () => hideTip());
}

// A box that is drawn into again and again: the arrow keys read what it shows at the time.
function readable(box, words) {
  fill(box, { tabindex: 0, role: 'group', 'aria-label': `${words}. Arrow keys read its values` }, []);
  box.addEventListener('keydown', (event) => box.firstElementChild.teller?.key(event));
  box.addEventListener('blur', hideTip);
}

let telling = null; // who shows a tip now

function hideTip() {
  if (telling) { telling.hide(); }
}

// A tip goes by Escape, and by a touch anywhere else.
function hideTipOnLeaving() {
  document.addEventListener('keydown', (event) => { if (event.key === 'Escape') { hideTip(); } });
  document.addEventListener('pointerdown', (event) => { if (telling && !telling.svg.contains(event.target)) { hideTip(); } });
}

class Teller {
  // panels: [{ title, x, y, series: [{ name, colour, marks: [[…place, x, y], …] }] }], places in the drawing's units;
  // another drawing of the same marks has places of its own, in the same order
  constructor(svg, panels, places) {
    this.svg = svg;
    this.lines = panels.flatMap((panel) => panel.series.map((series) => series.marks.map((mark) => (
      { panel, series, place: mark.slice(0, -2), x: mark.at(-2), y: mark.at(-1) }
    ))));
    this.marks = this.lines.flat();
    if (places) { this.marks.forEach((mark, i) => { mark.place = places[i]; }); }
    this.shown = null;
    svg.addEventListener('pointermove', (event) => { if (event.pointerType !== 'touch') { this.point(event); } });
    svg.addEventListener('click', (event) => this.point(event));
    svg.addEventListener('pointerleave', (event) => { if (event.pointerType !== 'touch') { this.hide(); } });
  }

  point(event) {
    const matrix = this.svg.getScreenCTM();
    const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix.inverse());
    const near = this.marks.map((mark) => [distance(mark.place, x, y), mark]).filter(([far]) => far * matrix.a <= REACH);
    if (!near.length) { this.hide(); return; }
    this.show(near.reduce((best, one) => (one[0] < best[0] ? one : best))[1]);
  }

  // ← → along a line, ↑ ↓ from line to line, Escape to stop. Before the first ← or → the other keys scroll as ever.
  key(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const change = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!(step || (change && this.shown))) { return; }
    event.preventDefault();
    let line = this.lines.findIndex((marks) => marks.includes(this.shown));
    let next = this.lines[0][0];
    if (this.shown && step) {
      next = this.lines[line][this.lines[line].indexOf(this.shown) + step] || this.shown;
    } else if (this.shown) {
      line = Math.min(Math.max(line + change, 0), this.lines.length - 1);
      const [x, y] = middle(this.shown.place);
      next = this.lines[line].reduce((best, mark) => (distance(mark.place, x, y) < distance(best.place, x, y) ? mark : best));
    }
    this.show(next, true);
    announce([next.panel.title, next.series.name, ...pairs(next).map((pair) => pair.join(' '))].filter(Boolean).join(', '));
  }

  show(mark, byKey = false) {
    if (mark === this.shown) { return; }
    hideTip();
    telling = this;
    this.shown = mark;
    this.ring = ring(mark.place);
    this.svg.append(this.ring);
    if (byKey) { this.ring.scrollIntoView({ block: 'nearest', inline: 'nearest', behavior: 'instant' }); }
    placeTip(mark, this.ring.getBoundingClientRect());
  }

  hide() {
    if (!this.shown) { return; }
    telling = null;
    this.shown = null;
    this.ring.remove();
    tip().hidden = true;
  }
}

// How far (x, y) is from a point, or from a bar: nothing inside of it.
function distance(place, x, y) {
  const [left, top, right, bottom] = place.length === 4 ? place : [...place, ...place];
  return Math.hypot(Math.max(left - x, 0, x - right), Math.max(top - y, 0, y - bottom));
}

function middle([left, top, right = left, bottom = top]) { return [(left + right) / 2, (top + bottom) / 2]; }

function ring(place) {
  if (place.length === 2) { return drawn('circle', { class: 'ring', cx: place[0], cy: place[1], r: 4.5 }); }
  const [x, y, right, bottom] = place;
  return drawn('rect', { class: 'ring', x, y, width: right - x, height: bottom - y });
}

// What is measured at a mark, as [term, value]; an axis that tells nothing is left out.
function pairs({ panel, x, y }) { return [[panel.y, y], [panel.x, x]].filter(([, value]) => value); }

function tip() {
  return document.getElementById('tip')
    || document.body.appendChild(make('div', { id: 'tip', 'aria-hidden': 'true', hidden: '' }));
}

function placeTip(mark, at) {
  const { panel, series } = mark;
  const box = tip();
  const swatch = make('span', { class: 'swatch' });
  swatch.style.background = series.colour;
  box.replaceChildren(
    ...(panel.title ? [make('div', { class: 'panel' }, panel.title)] : []),
    ...(series.name ? [make('div', { class: 'name' }, swatch, series.name)] : []),
    ...pairs(mark).map(([term, value]) => make('div', {}, make('span', { class: 'term' }, term), ' ', make('b', {}, value))),
  );
  box.hidden = false;
  const { width, height } = box.getBoundingClientRect();
  const left = Math.min(Math.max((at.left + at.right - width) / 2, 8), document.documentElement.clientWidth - width - 8);
  const above = at.top - height - 8;
  box.style.left = `${left + window.scrollX}px`;
  box.style.top = `${(above < 8 ? at.bottom + 8 : above) + window.scrollY}px`;
}

// Said by screen readers: only what keys bring up, since the tip itself is hidden from them.
function announce(text) {
  const said = document.getElementById('said') || document.body.appendChild(make('div', { id: 'said', role: 'status' }));
  said.textContent = text;
}
