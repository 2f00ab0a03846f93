// The cards of the claims can be narrowed down by words and by verdict; the address keeps what was chosen.
function makeFilterable(cards) {
  if (!cards.length) { return; }
  const verdict = (card) => card.dataset.verdict;
  const present = VERDICTS.filter((name) => cards.some((card) => verdict(card) === name));
  const texts = new Map(cards.map((card) => [card, card.textContent.toLowerCase()]));

  const search = make('input', { type: 'search', autocomplete: 'off', spellcheck: 'false' });
  const boxes = present.map((name) => make('input', { type: 'checkbox', value: name, checked: '' }));
  const count = make('p', { class: 'count', role: 'status' });
  const reset = make('button', { type: 'button' }, 'Show all');
  const labels = boxes.map((box) => {
    const n = cards.filter((card) => verdict(card) === box.value).length;
    return make('label', { class: 'choice' }, box, make('span', { class: `verdict ${box.value}` }, box.value), ` ${n}`);
  });
  const filter = make('div', { class: 'filter', role: 'search', 'aria-label': 'Claims' },
    make('label', { class: 'search' }, 'Search ', search),
    reset, count, make('fieldset', {}, make('legend', {}, 'Verdict'), ...labels));

  // Before the first group of cards; a group none of whose cards is shown goes with its heading.
  const section = cards[0].closest('main > section');
  [...section.children].find((child) => child.contains(cards[0])).before(filter);
  const groups = [...new Set(cards.map((card) => card.closest('section')))].filter((group) => !group.contains(filter));

  function show() {
    const wanted = boxes.filter((box) => box.checked).map((box) => box.value);
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    cards.forEach((card) => {
      card.hidden = !(wanted.includes(verdict(card)) && words.every((word) => texts.get(card).includes(word)));
    });
    groups.forEach((group) => { group.hidden = !group.querySelector('.card:not([hidden])'); });
    const n = cards.filter((card) => !card.hidden).length;
    count.textContent = `${n} of ${cards.length} claims shown`;
    reset.disabled = n === cards.length;
    urlState.set('verdict', wanted.length === boxes.length ? null : wanted.join() || 'none');
    urlState.set('search', search.value.trim());
  }

  function showAll() {
    search.value = '';
    boxes.forEach((box) => { box.checked = true; });
    show();
  }

  // A link to a claim, or to a group, leads to it even while it is filtered out.
  function uncover() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target && target.closest('[hidden]') && section.contains(target)) {
      showAll();
      target.scrollIntoView();
    }
  }

  const kept = urlState.get('verdict');
  if (kept !== null) { boxes.forEach((box) => { box.checked = kept.split(',').includes(box.value); }); }
  search.value = urlState.get('search') || '';
  [search, ...boxes].forEach((input) => input.addEventListener('input', show));
  reset.addEventListener('click', () => { showAll(); search.focus(); });
  window.addEventListener('hashchange', uncover);
  show();
  uncover();
}
