// The ledger of claims can be narrowed down by words and by verdict.
function makeFilterable(ledger) {
  const table = ledger && ledger.querySelector('table');
  if (!table) { return; }
  const rows = [...table.tBodies[0].rows];
  const column = [...table.tHead.rows[0].cells].findIndex((head) => head.textContent.trim() === 'verdict');
  const verdict = (row) => row.cells[column].textContent.trim();
  const present = VERDICTS.filter((name) => rows.some((row) => verdict(row) === name));

  const search = make('input', { type: 'search', autocomplete: 'off', spellcheck: 'false' });
  const boxes = present.map((name) => make('input', { type: 'checkbox', value: name, checked: '' }));
  const count = make('p', { class: 'count', role: 'status' });
  const reset = make('button', { type: 'button' }, 'Show all');
  const labels = boxes.map((box) => {
    const n = rows.filter((row) => verdict(row) === box.value).length;
    return make('label', { class: 'choice' }, box, make('span', { class: `verdict ${box.value}` }, box.value), ` ${n}`);
  });

  function show() {
    const wanted = boxes.filter((box) => box.checked).map((box) => box.value);
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    rows.forEach((row) => {
      const text = row.textContent.toLowerCase();
      row.hidden = !(wanted.includes(verdict(row)) && words.every((word) => text.includes(word)));
    });
    const n = rows.filter((row) => !row.hidden).length;
    count.textContent = `${n} of ${rows.length} claims shown`;
    reset.disabled = n === rows.length;
  }

  function showAll() {
    search.value = '';
    boxes.forEach((box) => { box.checked = true; });
    show();
  }

  // A link to a claim leads to it even while it is filtered out.
  function uncover() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (rows.includes(target) && target.hidden) {
      showAll();
      target.scrollIntoView();
    }
  }

  [search, ...boxes].forEach((input) => input.addEventListener('input', show));
  reset.addEventListener('click', () => { showAll(); search.focus(); });
  window.addEventListener('hashchange', uncover);
  ledger.prepend(make('div', { class: 'filter', role: 'search', 'aria-label': 'Claims' },
    make('label', { class: 'search' }, 'Search ', search),
    reset, count, make('fieldset', {}, make('legend', {}, 'Verdict'), ...labels)));
  show();
}
