// Two sliders, p and λ, that walk through the network's stored learning curves and final numbers, one stop a cell.
function explore(place) {
  const data = stored(place);
  if (!data) { return; }
  const name = place.id;
  const setting = select(data.settings);
  const choice = select([]);
  const sliders = [walk(name, 'p', 'p', 'dropout'), walk(name, 'lam', 'λ', 'penalty on weights')];
  const curves = make('div', { class: 'curves' });
  const numbers = make('dl', { class: 'numbers' });

  let shown; // the step
  let touched = false; // by the reader, now or when this address was made

  const steps = () => data.settings[setting.value].choices[choice.value].steps;
  const at = (p, lam) => steps().find((step) => step.p === p && step.lam === lam);

  function offerChoices() {
    const kept = choice.selectedOptions[0]?.textContent;
    const { choices } = data.settings[setting.value];
    choice.replaceChildren(...options(choices));
    choice.value = Math.max(choices.findIndex((one) => one.title === kept), 0);
  }

  // The same p and λ where the method has them, else the same p or λ.
  function keep() {
    const { p, lam } = shown;
    shown = at(p, lam) || at(p, '0') || at('0', lam) || steps()[0];
  }

  function show() {
    const scene = { data, base: steps()[0], step: shown, family: data.settings[setting.value] };
    urlState.set(name, touched ? [setting.value, choice.value, shown.p, shown.lam].join() : null);
    hideTip();
    const told = data.numbers.map((term, i) => [term, shown.numbers[i]]);
    const outcome = shown.epochs.length ? told.slice(0, 2).map((pair) => pair.join(' ')).join(', ') : 'no curve';
    sliders.forEach((one) => {
      const stops = steps().filter((step) => (one.key === 'p' ? step.lam === shown.lam : step.p === shown.p));
      one.offer(stops, shown, outcome);
    });
    numbers.replaceChildren(...[...told, ['runs', shown.seeds]].map(([term, value]) => (
      make('div', {}, make('dt', {}, term), make('dd', {}, value)))));
    curves.replaceChildren(drawCurves(scene, curves.clientWidth));
  }

  // The reader changes something: the address follows.
  function change(...actions) {
    touched = true;
    actions.forEach((action) => action());
    show();
  }
  setting.addEventListener('change', () => change(offerChoices, keep));
  choice.addEventListener('change', () => change(keep));
  sliders.forEach((one) => one.slider.addEventListener('input', () => change(() => { shown = one.chosen(); })));

  // What the address has kept: numbers of setting and choice, p and λ.
  function restore() {
    const [first, second, ...rest] = (urlState.get(name) || '').split(',');
    if (!data.settings[first]?.choices[second]) { return; }
    touched = true;
    setting.value = first;
    offerChoices();
    choice.value = second;
    const lam = rest.pop();
    shown = at(rest.join(), lam) || steps()[0];
  }

  place.append(
    make('div', { class: 'controls' },
      make('label', {}, make('span', {}, 'Setting'), setting),
      make('label', {}, make('span', {}, 'Method'), choice)),
    make('div', { class: 'knobs' }, ...sliders.map((one) => one.row)),
    make('div', { class: 'stage' }, curves),
    make('p', { class: 'note' }, data.note),
    numbers);
  readable(curves, 'Learning curves');
  place.hidden = false;
  offerChoices();
  shown = steps()[0];
  restore();
  show();
  let width = place.clientWidth;
  new ResizeObserver(() => { if (place.clientWidth !== width) { width = place.clientWidth; show(); } }).observe(place);
}

// A slider over the stops that there are; where there is but one it cannot be moved.
function walk(name, key, symbol, words) {
  const slider = make('input', { type: 'range', id: `${name}-${key}`, min: 0, step: 1 });
  const at = make('output', { for: slider.id, 'aria-live': 'off' });
  let stops = [];
  return {
    key,
    slider,
    row: make('div', { class: 'slide' }, make('label', { for: slider.id }, words), slider, at),
    chosen: () => stops[slider.value],
    offer(all, shown, outcome) {
      stops = all;
      slider.max = Math.max(all.length - 1, 1);
      slider.value = all.indexOf(shown);
      slider.disabled = all.length < 2;
      const value = `${symbol} = ${shown[key]}`;
      at.textContent = slider.disabled ? `${value} only` : value;
      slider.setAttribute('aria-valuetext', `${value}, ${outcome}`);
    },
  };
}

function select(items) { return make('select', {}, ...options(items)); }

function options(items) { return items.map((item, i) => make('option', { value: i }, item.title)); }
