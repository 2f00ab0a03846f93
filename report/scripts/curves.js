// The drawings of an explorer. A scene is its data, the steps along the slider, the step shown and its setting.
const HEIGHT = 250;
const LINES = [['train', 'training'], ['test', 'test']];

// Training and test loss by epoch: medians and bands; in grey the test loss of the slider's first step.
function drawCurves({ data, family, steps, step, symbol }, width) {
  const all = family.choices.flatMap((choice) => choice.steps).filter((one) => one.epochs.length);
  const values = all.flatMap((one) => [...one.train.flat(), ...one.test.flat()]).filter((value) => value > 0);
  const high = Math.max(...values);
  const low = Math.max(Math.min(...values), high * 1e-8);
  const last = Math.max(...all.flatMap((one) => one.epochs));
  const x = { low: 0, high: last, ticks: linearTicks(0, last, 5), label: 'epoch' };
  const y = { low, high, log: true, ticks: logTicks(low, high), label: data.loss };
  const plot = new Plot(width, HEIGHT, x, y, curveWords(step, symbol), 64);
  if (!step.epochs.length) {
    plot.text((MARGIN.left + plot.right) / 2, HEIGHT / 2, 'No run to show: all diverged or collapsed', 'label middle');
    return plot.svg;
  }
  const base = steps[0];
  if (step !== base && base.epochs.length) { plot.line(base.epochs, base.test[1], 'base'); }
  LINES.forEach(([part]) => {
    plot.band(step.epochs, step[part][0], step[part][2], part);
    plot.line(step.epochs, step[part][1], part);
  });
  nameLines(plot, step);
  const series = LINES.map(([part, name]) => ({
    name: `${name} loss`,
    colour: `var(--${part})`,
    marks: plot.places(step.epochs, step[part][1]).map((place, i) => [
      ...place, String(step.epochs[i]), `${shortWords(step[part][1][i])} (${shortWords(step[part][0][i])} to ${shortWords(step[part][2][i])})`,
    ]),
  }));
  new Teller(plot.svg, [{ title: symbol(step), x: 'epoch', y: data.loss, series }]);
  return plot.svg;
}

// The lines' names at their right ends, pushed apart where the ends meet.
function nameLines(plot, step) {
  const ends = LINES.map(([part, name]) => ({ part, name, y: plot.y(step[part][1].at(-1)) })).sort((a, b) => a.y - b.y);
  const missing = Math.max(14 - (ends[1].y - ends[0].y), 0);
  ends[0].y -= missing / 2;
  ends[1].y += missing / 2;
  const right = plot.x(step.epochs.at(-1)) + 6;
  ends.forEach(({ part, name, y }) => plot.text(right, y + 4, name, `name ${part}`));
}

function curveWords(step, symbol) {
  if (!step.epochs.length) { return `No learning curves at ${symbol(step)}: every run diverged or collapsed.`; }
  const course = LINES.map(([part, name]) => (
    `median ${name} loss from ${shortWords(step[part][1][0])} to ${shortWords(step[part][1].at(-1))}`));
  return `Learning curves at ${symbol(step)}: ${course.join(', ')} in ${step.epochs.at(-1)} epochs.`;
}

// How large the final weights are: the share of them in each bin of |w|.
function drawWeights({ data, family, steps, step, symbol }, width) {
  if (!step.weights.length) { return make('p', { class: 'none' }, missingWeights(steps, symbol)); }
  const { sizes } = data;
  const top = Math.max(...family.choices.flatMap((choice) => choice.steps.flatMap((one) => one.weights)));
  const [low, high] = [sizes[0], sizes.at(-1)];
  const x = { low, high, log: true, ticks: logTicks(low, high), label: 'size of a weight, |w|' };
  const y = { low: 0, high: 100 * top, ticks: linearTicks(0, 100 * top, 4), label: 'share of the weights, %' };
  const most = step.weights.indexOf(Math.max(...step.weights));
  const range = (i) => `${shortWords(sizes[i])} to ${shortWords(sizes[i + 1])}`;
  const plot = new Plot(width, HEIGHT, x, y, `Histogram of the final weights at ${symbol(step)}: most are of a size of ${range(most)}.`, 14);
  const marks = [];
  step.weights.forEach((share, i) => {
    if (!share) { return; }
    const place = [plot.x(sizes[i]), plot.y(100 * share), plot.x(sizes[i + 1]), plot.y(0)].map(round);
    plot.add('rect', { class: 'bar', x: place[0] + 0.5, y: place[1], width: place[2] - place[0] - 1, height: place[3] - place[1] });
    marks.push([...place, range(i), `${shortWords(100 * share)} %`]);
  });
  if (family.truth) {
    plot.add('path', { class: 'truth', d: `M${plot.x(family.truth)} ${MARGIN.top}V${HEIGHT - MARGIN.bottom}` });
    plot.text(plot.x(family.truth) + 4, MARGIN.top + 12, 'true weights', 'tick over').setAttribute('paint-order', 'stroke');
  }
  new Teller(plot.svg, [{ title: symbol(step), x: x.label, y: 'share', series: [{ name: '', colour: 'var(--bar)', marks }] }]);
  return plot.svg;
}

function missingWeights(steps, symbol) {
  const kept = steps.filter((one) => one.weights.length).map(symbol);
  return kept.length ? `The weights of these runs were not kept; here they were for ${kept.join(', ')}.`
    : 'The weights of these runs were not kept.';
}
