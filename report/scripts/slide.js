// The weights on their way through the drawing of the null space: a dot runs along every path that is drawn, once when the
// drawing comes into view (never by itself where motion is not wanted) and again at the press of a button.
const LASTS = 3500; // milliseconds

function slideAlong(figure) {
  const plot = figure.querySelector('.plot');
  const { panels, narrow } = stored(figure);
  const drawings = [...plot.querySelectorAll('svg')].map((svg) => new Sliding(svg, panels, svg.classList.contains('narrow') && narrow));
  const button = make('button', { type: 'button', class: 'play' }, 'Let the weights slide');
  const play = () => drawings.forEach((one) => one.play());
  button.addEventListener('click', play);
  plot.after(button);
  if (matchMedia('(prefers-reduced-motion: reduce)').matches) { return; }
  const seen = new IntersectionObserver(([entry]) => {
    if (!entry.isIntersecting) { return; }
    seen.disconnect();
    play();
  }, { threshold: 0.6 });
  seen.observe(plot);
}

class Sliding {
  // Panels as of `Teller`; places, if any, are those of this drawing's marks.
  constructor(svg, panels, places) {
    let next = 0;
    const lines = panels.flatMap((panel) => panel.series).map(({ name, marks }) => (
      { name, way: marks.map((mark) => (places ? places[next++] : mark)) }
    ));
    this.svg = svg;
    this.ways = lines.filter(({ name, way }) => name.startsWith('start') && way.length > 2).map(({ way }) => way);
    this.dots = this.ways.map(() => drawn('circle', { r: 3.2, class: 'slider' }));
    svg.append(...this.dots);
  }

  play() {
    const start = performance.now();
    cancelAnimationFrame(this.frame);
    this.svg.classList.add('sliding');
    const step = (now) => {
      const share = Math.min(Math.max((now - start) / LASTS, 0), 1);
      this.ways.forEach((way, i) => {
        const at = share * (way.length - 1);
        const [from, to] = [way[Math.floor(at)], way[Math.ceil(at)]];
        ['cx', 'cy'].forEach((name, k) => this.dots[i].setAttribute(name, from[k] + (at % 1) * (to[k] - from[k])));
      });
      if (share < 1) { this.frame = requestAnimationFrame(step); } else { this.svg.classList.remove('sliding'); }
    };
    this.frame = requestAnimationFrame(step);
  }
}
