// The weights on their way through the drawing of the null space: a dot runs along every path that is drawn, once when the
// drawing comes into view (never by itself where motion is not wanted) and again at the press of a button.
const LASTS = 3500; // milliseconds

function slideAlong(figure) {
  const svg = figure.querySelector('svg');
  const ways = stored(figure)
    .flatMap((panel) => panel.series)
    .filter((series) => series.name.startsWith('start') && series.marks.length > 2)
    .map((series) => series.marks.map(([x, y]) => [x, y]));
  const dots = ways.map(() => drawn('circle', { r: 3.2, class: 'slider' }));
  svg.append(...dots);
  let frame;
  const play = () => {
    const start = performance.now();
    cancelAnimationFrame(frame);
    svg.classList.add('sliding');
    const step = (now) => {
      const share = Math.min((now - start) / LASTS, 1);
      ways.forEach((way, i) => {
        const at = share * (way.length - 1);
        const [from, to] = [way[Math.floor(at)], way[Math.ceil(at)]];
        const between = from.map((value, k) => value + (at % 1) * (to[k] - value));
        dots[i].setAttribute('cx', between[0]);
        dots[i].setAttribute('cy', between[1]);
      });
      if (share < 1) frame = requestAnimationFrame(step);
      else svg.classList.remove('sliding');
    };
    frame = requestAnimationFrame(step);
  };
  const button = make('button', { type: 'button', class: 'play' }, 'Let them slide');
  button.addEventListener('click', play);
  figure.querySelector('.plot').after(button);
  if (matchMedia('(prefers-reduced-motion: reduce)').matches) return;
  const seen = new IntersectionObserver(([entry]) => {
    if (!entry.isIntersecting) return;
    seen.disconnect();
    play();
  }, { threshold: 0.6 });
  seen.observe(svg);
}
