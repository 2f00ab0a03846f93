// The drawing of the network's stored curves. A scene is the data, the step shown, the one without regularization, and the
// setting.
const HEIGHT = 280;
const LINES = [['train', 'training'], ['test', 'test']];

// Training and test loss by epoch: means and bands, in grey the test loss without regularization, dots for all images.
function drawCurves({ data, family, base, step }, width) {
  const all = family.choices.flatMap((choice) => choice.steps).filter((one) => one.epochs.length);
  const values = all.flatMap((one) => [...one.train.flat(), ...one.test.flat(), ...one.ends]).filter((value) => value > 0);
  const high = Math.max(...values);
  const low = Math.max(Math.min(...values), high * 1e-8);
  const last = Math.max(...all.flatMap((one) => one.epochs));
  const x = { low: 0, high: last, ticks: linearTicks(0, last, 5), label: 'epoch' };
  const y = { low, high, log: true, ticks: logTicks(low, high), label: data.loss };
  const plot = new Plot(width, HEIGHT, x, y, curveWords(step), 64);
  if (!step.epochs.length) {
    plot.text((MARGIN.left + plot.right) / 2, HEIGHT / 2, 'No run to show: all diverged or collapsed', 'label middle');
    return plot.svg;
  }
  if (step !== base && base.epochs.length) { plot.line(base.epochs, base.test[1], 'base'); }
  LINES.forEach(([part], i) => {
    plot.band(step.epochs, step[part][0], step[part][2], part);
    plot.line(step.epochs, step[part][1], part);
    plot.add('circle', { class: `dot ${part}`, r: 4, cx: round(plot.x(step.epochs.at(-1))), cy: round(plot.y(step.ends[i])) });
  });
  nameApart(plot, LINES.map(([part, name]) => ({ title: name, colour: `--${part}`, y: plot.y(step[part][1].at(-1)) })), plot.x(step.epochs.at(-1)));
  const series = LINES.map(([part, name]) => ({
    name: `${name} loss`,
    colour: `var(--${part})`,
    marks: plot.places(step.epochs, step[part][1]).map((place, i) => [
      ...place, String(step.epochs[i]), `${shortWords(step[part][1][i])} (${shortWords(step[part][0][i])} to ${shortWords(step[part][2][i])})`,
    ]),
  }));
  plot.svg.teller = new Teller(plot.svg, [{ title: stepWords(step), x: 'epoch', y: data.loss, series }]);
  return plot.svg;
}

// Names beside the right ends of lines, pushed apart where lines end together. names: [{ title, colour, y }]
function nameApart(plot, names, end = plot.right) {
  const [least, most] = [MARGIN.top, plot.height - MARGIN.bottom];
  names.sort((a, b) => a.y - b.y);
  names.forEach((one, i) => { one.y = Math.max(one.y, i ? names[i - 1].y + 14 : least); });
  [...names].reverse().forEach((one, i, up) => { one.y = Math.min(one.y, i ? up[i - 1].y - 14 : most); });
  names.forEach(({ title, colour, y }) => { plot.text(end + 8, y + 4, title, 'name').style.fill = `var(${colour})`; });
}

function stepWords(step) { return `p = ${step.p}, λ = ${step.lam}`; }

function curveWords(step) {
  if (!step.epochs.length) { return `No learning curves at ${stepWords(step)}: every run diverged or collapsed.`; }
  const course = LINES.map(([part, name]) => (
    `mean ${name} loss from ${shortWords(step[part][1][0])} to ${shortWords(step[part][1].at(-1))}`));
  return `Learning curves at ${stepWords(step)}: ${course.join(', ')} in ${step.epochs.at(-1)} epochs.`;
}
