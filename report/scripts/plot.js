// A small drawing: two axes and what is put between them, in CSS pixels and the page's colours.
const MARGIN = { top: 26, bottom: 40, left: 52 };

class Plot {
  // x and y: { low, high, log, ticks, label }; `words` say what is drawn to those who cannot see it; `right` is a margin.
  constructor(width, height, x, y, words, right) {
    this.height = height;
    this.svg = drawn('svg', { viewBox: `0 0 ${width} ${height}`, width, height, role: 'img', 'aria-label': words });
    this.right = width - right;
    this.x = scale(x, MARGIN.left, this.right);
    this.y = scale(y, height - MARGIN.bottom, MARGIN.top);
    this.axes(x, y);
  }

  axes(x, y) {
    const { left, top } = MARGIN;
    const [right, bottom] = [this.right, this.height - MARGIN.bottom];
    x.ticks.forEach((tick) => {
      this.add('path', { class: 'grid', d: `M${this.x(tick)} ${top}V${bottom}` });
      this.text(this.x(tick), bottom + 15, tickWords(tick), 'tick middle');
    });
    y.ticks.forEach((tick) => {
      this.add('path', { class: 'grid', d: `M${left} ${this.y(tick)}H${right}` });
      this.text(left - 6, this.y(tick) + 4, tickWords(tick), 'tick end');
    });
    this.text(2, 12, y.label, 'label');
    this.add('path', { class: 'axis', d: `M${left} ${top}V${bottom}H${right}` });
    this.text((left + right) / 2, bottom + 33, x.label, 'label middle');
  }

  add(name, attributes, ...children) {
    const element = drawn(name, attributes, ...children);
    this.svg.append(element);
    return element;
  }

  text(x, y, words, className) {
    return this.add('text', { x: round(x), y: round(y), class: className }, words);
  }

  places(xs, ys) {
    return xs.map((x, i) => [round(this.x(x)), round(this.y(ys[i]))]);
  }

  line(xs, ys, className) {
    this.add('path', { class: `line ${className}`, d: `M${this.places(xs, ys).join('L')}` });
  }

  band(xs, low, high, className) {
    const outline = [...this.places(xs, low), ...this.places(xs, high).reverse()];
    this.add('path', { class: `band ${className}`, d: `M${outline.join('L')}Z` });
  }
}

function scale({ low, high, log }, start, end) {
  const way = log ? Math.log10 : (value) => value;
  const inside = (value) => Math.min(Math.max(value, low), high);
  return (value) => start + (end - start) * (way(inside(value)) - way(low)) / (way(high) - way(low));
}

// Whole powers of ten, thinned where there are many and with multiples where there are few.
function logTicks(low, high) {
  const first = Math.ceil(Math.log10(low) - 1e-9);
  const powers = [];
  for (let power = first; power <= Math.log10(high) + 1e-9; power += 1) { powers.push(power); }
  const stride = Math.ceil(powers.length / 7);
  const kept = powers.filter((power) => power % stride === 0).map((power) => 10 ** power);
  if (kept.length > 2) { return kept; }
  return [first - 1, ...powers].flatMap((power) => [1, 2, 5].map((digit) => digit * 10 ** power))
    .filter((tick) => tick >= low * (1 - 1e-9) && tick <= high * (1 + 1e-9));
}

function linearTicks(low, high, most) {
  const rough = (high - low) / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const stride = [1, 2, 5, 10].map((digit) => digit * power).find((step) => step >= rough);
  const ticks = [];
  for (let i = Math.ceil(low / stride); i * stride <= high * (1 + 1e-9); i += 1) { ticks.push(i * stride); }
  return ticks;
}

function tickWords(value) {
  if (value === 0) { return '0'; }
  const power = Math.log10(value);
  if (Number.isInteger(Math.round(power * 1e6) / 1e6) && (power <= -3 || power >= 5)) {
    return `10${[...String(Math.round(power))].map((sign) => (sign === '-' ? '⁻' : '⁰¹²³⁴⁵⁶⁷⁸⁹'[sign])).join('')}`;
  }
  return String(Number(value.toPrecision(6)));
}

function round(length) { return Math.round(length * 10) / 10; }

// Three significant digits, for what is pointed at.
function shortWords(value) { return String(Number(value.toPrecision(3))).replace('-', '−'); }
