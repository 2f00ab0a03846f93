// A slider that walks through stored learning curves, final weights and final numbers, one step a cell.
function explore(place) {
  const data = stored(place);
  if (!data) { return; }
  const name = place.id;
  const setting = select(data.settings);
  const choice = select([]);
  const slider = make('input', { type: 'range', id: `${name}-slider`, min: 0, step: 1, list: `${name}-steps` });
  const steps = make('datalist', { id: `${name}-steps` });
  const at = make('output', { for: slider.id, 'aria-live': 'off' });
  const curves = make('div', { class: 'curves' });
  const weights = make('div', { class: 'weights' });
  const numbers = make('dl', { class: 'numbers' });

  let shown; // the step
  let touched = false; // by the reader, now or when this address was made

  const family = () => data.settings[setting.value].choices[choice.value];
  const symbol = (step) => `${data.slider} = ${step.at}`;

  function offerChoices() {
    const kept = choice.selectedOptions[0]?.textContent;
    const { choices } = data.settings[setting.value];
    choice.replaceChildren(...options(choices));
    choice.value = Math.max(choices.findIndex((one) => one.title === kept), 0);
  }

  // The slider stays at its value where the new family has it.
  function offerSteps(kept) {
    const all = family().steps;
    slider.max = all.length - 1;
    steps.replaceChildren(...all.map((step, i) => make('option', { value: i, label: step.at })));
    slider.value = Math.max(all.findIndex((step) => step.at === kept), 0);
  }

  function show() {
    const all = family().steps;
    const scene = { data, steps: all, step: all[slider.value], symbol, family: data.settings[setting.value] };
    shown = scene.step;
    urlState.set(name, touched ? [setting.value, choice.value, shown.at].join() : null);
    hideTip();
    const told = data.numbers.map((term, i) => [term, shown.numbers[i]]);
    const outcome = shown.epochs.length ? told.slice(0, 2).map((pair) => pair.join(' ')).join(', ') : 'no curve';
    at.textContent = symbol(shown);
    slider.setAttribute('aria-valuetext', `${symbol(shown)}, ${outcome}`);
    numbers.replaceChildren(...[...told, ['runs', shown.seeds]].map(([term, value]) => (
      make('div', {}, make('dt', {}, term), make('dd', {}, value)))));
    weights.hidden = !data.sizes.length;
    curves.replaceChildren(drawCurves(scene, curves.clientWidth));
    if (data.sizes.length) { weights.replaceChildren(drawWeights(scene, weights.clientWidth)); }
  }

  // The reader changes something: the address follows.
  function change(...actions) {
    touched = true;
    actions.forEach((action) => action());
    show();
  }
  const keep = () => offerSteps(shown.at);
  setting.addEventListener('change', () => change(offerChoices, keep));
  choice.addEventListener('change', () => change(keep));
  slider.addEventListener('input', () => change());

  // What the address has kept: numbers of setting and choice, and the slider's value.
  function restore() {
    const [first, second, ...at] = (urlState.get(name) || '').split(',');
    if (!data.settings[first]?.choices[second]) { return; }
    touched = true;
    setting.value = first;
    offerChoices();
    choice.value = second;
    offerSteps(at.join());
  }

  place.append(
    make('div', { class: 'controls' },
      make('label', {}, make('span', {}, 'Setting'), setting),
      make('label', {}, make('span', {}, capital(data.choice)), choice),
      make('div', { class: 'slide' }, make('label', { for: slider.id }, data.slider), slider, steps, at)),
    make('div', { class: 'stage' }, curves, weights),
    numbers);
  place.hidden = false;
  offerChoices();
  offerSteps();
  restore();
  show();
  let width = place.clientWidth;
  new ResizeObserver(() => { if (place.clientWidth !== width) { width = place.clientWidth; show(); } }).observe(place);
}

function select(items) { return make('select', {}, ...options(items)); }

function options(items) { return items.map((item, i) => make('option', { value: i }, item.title)); }

function capital(text) { return text[0].toUpperCase() + text.slice(1); }
