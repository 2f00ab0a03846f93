// The linear experiment, live: the reader sets its numbers, and it runs here. Lines are this run, dots the exact average.
const SLICE = 12; // milliseconds of arithmetic at a time
const LARGE = 50; // samples: with more, the average takes a while, and the run is shown before
const LIMIT = 10; // a run whose test error is so many times its first has blown up
const PARTS = [ // key, words, colour, and a word for where there is little room
  ['initialisation', 'initialisation left over', '--vermillion', 'initial w'], ['signal', 'signal not learnt', '--blue', 'signal'],
  ['noise', 'label noise learnt', '--orange', 'noise'], ['intercept', 'intercept', '--purple', 'intercept'],
  ['floor', 'noise floor σ²', '--muted', 'σ²'],
];
const KNOBS = [ // key, symbol, what it is, and the stops beside the experiment's own value
  ['lam', 'λ', 'weight decay', [0, 0.1, 0.3, 1, 2, 3, 5, 10, 30, 100, 300]],
  ['noiseStd', 'σ', 'label noise', [0, 0.01, 0.03, 0.1, 0.3, 1]],
  ['initStd', 'start', 'size of the initial weights', [0, 0.01, 0.03, 0.1, 0.3, 1, 2]],
  ['n', 'n', 'training examples', [5, 10, 20, 50, 100]],
  ['learningRate', 'η', 'learning rate', [0.0003, 0.001, 0.003, 0.01, 0.03]],
];

function experiment(place) {
  const data = stored(place);
  if (!data) { return; }
  const name = place.id;
  const knobs = Object.fromEntries(KNOBS.map(([key, symbol, words, stops]) => [key, knob(name, key, symbol, words, stops, data)]));
  const seed = make('input', { type: 'number', min: 1, max: 9999, step: 1, value: 1, inputmode: 'numeric' });
  const another = make('button', { type: 'button' }, 'Draw again');
  const losses = make('div');
  const norms = make('div');
  const parts = make('div', { class: 'whole' });
  const told = make('p', { class: 'told', role: 'status' });
  const numbers = make('table', { class: 'account' });
  const prediction = predictor(name, data, reveal, skip);

  let run = []; // states by epoch of this run and of the average over runs
  let average = [];
  let turn = 0; // of computing: a later one ends the earlier ones
  let guess = null; // of the test error, as long as nothing but λ has been changed by it
  let until = Infinity; // the last epoch drawn
  let speaking = 0;

  const still = window.matchMedia('(prefers-reduced-motion: reduce)');

  function task() {
    const { trueWeight, trueBias, batchSize } = data;
    return { trueWeight, trueBias, batchSize, ...Object.fromEntries(KNOBS.map(([key]) => [key, knobs[key].value()])) };
  }

  // Everything from the beginning, a slice at a time, so that the page answers meanwhile.
  async function compute() {
    clearTimeout(speaking);
    turn += 1;
    const mine = turn;
    const now = task();
    const draws = randomDraws(seedValue(), now.n, data.d, data.epochs);
    const found = [[], []];
    let ends = performance.now() + SLICE;
    for (const [i, states] of [descent(draws, now), expectation(draws, now)].entries()) {
      for (const state of states) {
        found[i].push(state);
        if (performance.now() > ends) {
          await new Promise((resolve) => { setTimeout(resolve); });
          if (mine !== turn) { return; }
          ends = performance.now() + SLICE;
        }
      }
      [run, average] = found;
      if (i === 0 && now.n > LARGE) { show(); }
    }
    show();
    say();
  }

  function show() {
    hideTip();
    const drawn = (states) => states.filter((state) => state.epoch <= until);
    const scene = { data, run: drawn(run), average: drawn(average), whole: [...run, ...average], guess };
    losses.replaceChildren(drawLosses(scene, losses.clientWidth));
    norms.replaceChildren(drawNorm(scene, norms.clientWidth));
    parts.replaceChildren(drawParts(scene, parts.clientWidth));
    numbers.replaceChildren(...accountRows(run.at(-1), average.at(-1)));
    prediction.ask(run);
  }

  // What came out, in a sentence; not of every stop that the slider passes.
  function say() {
    clearTimeout(speaking);
    speaking = setTimeout(() => { told.textContent = outcome(run, average, knobs.lam.value(), data, guess); }, 350);
  }

  function change() {
    guess = null;
    remember();
    compute();
  }

  function remember() {
    urlState.set(name, [...KNOBS.map(([key]) => knobs[key].value()), seedValue()].join());
  }

  function seedValue() { return Math.min(Math.max(Math.round(Number(seed.value)) || 1, 1), 9999); }

  async function reveal(value) {
    ended();
    knobs.lam.set(data.lam);
    guess = value;
    remember();
    await compute();
    knobs.lam.slider.focus({ preventScroll: true });
    if (!still.matches) { play(); }
  }

  function skip() {
    ended();
    knobs.lam.slider.focus({ preventScroll: true });
  }

  // No prediction is asked for any more: λ is the reader's.
  function ended() {
    prediction.box.hidden = true;
    knobs.lam.row.hidden = false;
  }

  // The run again, epoch by epoch, in a second.
  function play() {
    const [mine, begin] = [turn, performance.now()];
    const frame = (time) => {
      if (mine !== turn) { until = Infinity; return; }
      until = Math.max(1, (time - begin) / 1000 * data.epochs);
      if (until >= data.epochs) { until = Infinity; }
      show();
      if (until < Infinity) { requestAnimationFrame(frame); }
    };
    requestAnimationFrame(frame);
  }

  function restore() {
    const kept = (urlState.get(name) || '').split(',').map(Number);
    if (kept.length <= KNOBS.length) { return; }
    KNOBS.forEach(([key], i) => knobs[key].set(kept[i]));
    seed.value = kept[KNOBS.length];
    seed.value = seedValue();
    if (kept[0] > 0) { ended(); }
  }

  Object.values(knobs).forEach(({ slider, follow }) => slider.addEventListener('input', () => { follow(); change(); }));
  seed.addEventListener('change', () => { seed.value = seedValue(); change(); });
  another.addEventListener('click', () => { seed.value = seedValue() % 9999 + 1; change(); });
  knobs.lam.row.hidden = true;
  place.append(
    prediction.box,
    make('div', { class: 'knobs' }, ...Object.values(knobs).map((one) => one.row),
      make('div', { class: 'slide' }, make('label', {}, 'seed ', seed), another)),
    told,
    make('div', { class: 'stage' }, losses, norms, parts),
    numbers);
  [[losses, 'Losses'], [norms, 'Length of the weights'], [parts, 'Parts of the test error']].forEach(([box, words]) => readable(box, words));
  place.hidden = false;
  restore();
  compute();
  let width = place.clientWidth;
  new ResizeObserver(() => { if (place.clientWidth !== width) { width = place.clientWidth; show(); } }).observe(place);
}

// A slider over a few values, among them the experiment's own.
function knob(name, key, symbol, words, stops, data) {
  const own = key === 'lam' ? [data.lam] : [data[key]];
  const values = [...new Set([...stops.filter((stop) => key !== 'n' || stop < data.d), ...own])].sort((a, b) => a - b);
  const slider = make('input', { type: 'range', id: `${name}-${key}`, min: 0, max: values.length - 1, step: 1 });
  const at = make('output', { for: slider.id, 'aria-live': 'off' });
  const value = () => values[slider.value];
  const follow = () => {
    at.textContent = `${symbol} = ${value()}`;
    slider.setAttribute('aria-valuetext', `${symbol} = ${value()}`);
  };
  const set = (wanted) => {
    if (values.includes(wanted)) { slider.value = values.indexOf(wanted); }
    follow();
  };
  set(key === 'lam' ? 0 : data[key]);
  const row = make('div', { class: 'slide' }, make('label', { for: slider.id }, words), slider, at);
  return { slider, row, value, set, follow };
}

// "Predict, then reveal": a guess on a logarithmic slider, in tenths of a power of ten.
function predictor(name, data, reveal, skip) {
  const slider = make('input', { type: 'range', id: `${name}-guess`, min: -50, max: 10, step: 1, value: 0 });
  const at = make('output', { for: slider.id, 'aria-live': 'off' });
  const question = make('label', { for: slider.id });
  const [show, past] = ['Reveal', 'Skip'].map((words) => make('button', { type: 'button' }, words));
  let before = 1;
  const value = () => before * 10 ** (slider.value / 10);
  const follow = () => {
    at.textContent = rounded(value());
    slider.setAttribute('aria-valuetext', `test error ${rounded(value())}`);
  };
  slider.addEventListener('input', follow);
  show.addEventListener('click', () => reveal(value()));
  past.addEventListener('click', skip);
  const box = make('div', { class: 'predict', role: 'group', 'aria-label': 'Predict, then reveal' },
    make('p', {}, question), make('div', { class: 'slide' }, slider, at, show, past));
  return {
    box,
    ask(run) {
      before = run[blownUp(run) ? 0 : run.length - 1].test;
      const end = blownUp(run) ? 'this run blows up' : `the test error ends at ${exact(before)}`;
      question.textContent = `Your guess: without weight decay ${end}. Where does the test error end at λ = ${data.lam}?`;
      follow();
    },
  };
}

// Two digits, for guesses; three, and a power of ten for what is tiny, for results.
function rounded(value) { return exact(Number(value.toPrecision(2))); }

function exact(value) {
  const power = value ? Math.floor(Math.log10(Math.abs(value))) : 0;
  if (power >= -3 && power < 6) { return shortWords(value); }
  return `${shortWords(value / 10 ** power)}\u00a0×\u00a0${tickWords(10 ** power)}`;
}

function blownUp(run) { return run.at(-1).test > LIMIT * run[0].test; }

// The result in a sentence or two.
function outcome(run, average, lam, data, guess) {
  const end = run.at(-1);
  if (end.epoch < data.epochs || blownUp(run)) { return `At λ = ${lam} this run blows up: every step overshoots more than the one before.`; }
  const [key, words] = PARTS.reduce((best, part) => (end[part[0]] > end[best[0]] ? part : best));
  const share = Math.min(100 * end[key] / sum(PARTS.map((part) => end[part[0]])), 99.9);
  const expected = average.at(-1).test;
  const guessed = guess === null ? '' : ` You guessed ${rounded(guess)}, ${ratioWords(guess, end.test)}.`;
  return `At λ = ${lam} the test error ends at ${exact(end.test)} (on average ${exact(expected)}), the training loss at ${exact(end.train)}.`
    + ` ${share > 50 ? 'Most' : 'The largest part'} of the test error, ${Number(share.toPrecision(3))} %, is ${words}.${guessed}`;
}

function ratioWords(guess, value) {
  const ratio = Math.max(guess, value) / Math.min(guess, value);
  if (ratio < 1.25) { return 'very close'; }
  return `${rounded(ratio)} times too ${guess > value ? 'high' : 'low'}`;
}

// The values of some series by epoch on a logarithmic axis; lines are this run, dots the average over runs.
function drawSeries({ data, run, average, whole }, width, { series, label, words, right, log = true }) {
  const cap = LIMIT * whole[0].test;
  const values = whole.flatMap((state) => series.map(([key]) => state[key])).filter((value) => value > 0 && value < cap);
  const high = log ? 10 ** Math.ceil(Math.log10(Math.max(...values, 1e-6))) : 1.05 * Math.max(...values, 1e-6);
  const low = log ? Math.max(10 ** Math.floor(Math.log10(Math.min(...values, high / 10))), high * 1e-9) : 0;
  const x = { low: 0, high: data.epochs, ticks: linearTicks(0, data.epochs, 4), label: 'epoch' };
  const y = { low, high, log, ticks: log ? logTicks(low, high) : linearTicks(0, high, 5), label };
  const plot = new Plot(width, 250, x, y, words, right);
  const inside = (states, key) => { // up to where the line leaves the drawing above, and without what lies below
    const over = states.findIndex((state) => state[key] > high);
    return (over < 0 ? states : states.slice(0, over + 1)).filter((state) => state[key] >= low && state[key] <= 1e300);
  };
  const names = [];
  series.forEach((one) => {
    const [key, title, colour] = one;
    const states = inside(run, key);
    if (!states.length) { return; }
    const line = plot.add('path', { class: 'line', d: path(plot, states, key) });
    line.style.stroke = `var(${colour})`;
    const expected = inside(average, key);
    if (expected.length) { plot.add('path', { class: 'expected', d: path(plot, expected, key) }); }
    names.push({ title, colour, y: plot.y(states.at(-1)[key]) });
  });
  nameApart(plot, names);
  const marks = series.map((one) => ({
    name: one[1],
    colour: `var(${one[2]})`,
    marks: inside(run, one[0]).map((state) => [
      round(plot.x(state.epoch)), round(plot.y(state[one[0]])), String(state.epoch),
      `${exact(state[one[0]])}${average[state.epoch] ? `, on average ${exact(average[state.epoch][one[0]])}` : ''}`]),
  })).filter((one) => one.marks.length);
  if (marks.length) { plot.svg.teller = new Teller(plot.svg, [{ title: '', x: 'epoch', y: label, series: marks }]); }
  return plot;
}

function path(plot, states, key) {
  return `M${plot.places(states.map((state) => state.epoch), states.map((state) => state[key])).join('L')}`;
}

function drawLosses(scene, width) {
  const { run, guess } = scene;
  const end = run.at(-1);
  const words = `Test error from ${exact(run[0].test)} to ${exact(end.test)} and training loss from ${exact(run[0].train)} to ${exact(end.train)} in ${end.epoch} epochs.`;
  const series = [['train', 'training', '--train'], ['test', 'test', '--test']];
  const plot = drawSeries(scene, width, { series, label: 'squared error', words, right: 58 });
  if (guess !== null) {
    const y = plot.y(guess);
    plot.add('path', { class: 'guess', d: `M${MARGIN.left} ${y}H${plot.right}` });
    plot.text(plot.right - 4, y - 5, 'your guess', 'tick end over').setAttribute('paint-order', 'stroke');
  }
  return plot.svg;
}

function drawNorm(scene, width) {
  const words = `The length of the weights, from ${exact(scene.run[0].norm)} to ${exact(scene.run.at(-1).norm)}.`;
  return drawSeries(scene, width, { series: [['norm', '‖w‖', '--ink']], label: 'length of the weights, ‖w‖', words, right: 36, log: false }).svg;
}

function drawParts(scene, width) {
  const end = scene.run.at(-1);
  const words = `What the test error is made of at the end: ${PARTS.map(([key, name]) => `${name} ${exact(end[key])}`).join(', ')}.`;
  const narrow = width < 420;
  const series = PARTS.map(([key, name, colour, short]) => [key, narrow ? short : name, colour]);
  return drawSeries(scene, width, { series, label: 'part of the test error', words, right: narrow ? 66 : 152 }).svg;
}

// What the last epoch's numbers are, in this run and on average over initial weights and noise.
function accountRows(end, expected) {
  const rows = [['train', 'training loss'], ['test', 'test error'], ...PARTS, ['cross', 'products of these parts'], ['norm', '‖w‖ (on average: root mean square)']];
  const cells = (state, key) => make('td', {}, state ? exact(state[key]) : '');
  return [
    make('caption', {}, 'After the last epoch: this run, and the exact average over initial weights and noise for its inputs.'),
    make('thead', {}, make('tr', {}, make('td', {}), make('th', { scope: 'col' }, 'this run'), make('th', { scope: 'col' }, 'on average'))),
    make('tbody', {}, ...rows.map(([key, words]) => make('tr', PARTS.some(([part]) => part === key) || key === 'cross' ? { class: 'of' } : {},
      make('th', { scope: 'row' }, words), cells(end, key), cells(expected, key)))),
  ];
}
