// Tables sort by a click on a column's head: upwards, downwards, and as they were.
const VERDICTS = ['supported', 'qualified', 'contradicted', 'inconclusive'];
const NEXT = { none: 'ascending', ascending: 'descending', descending: 'none' };
const NUMBER = /^[^\d−–]{0,4}([−-]?[\d,]*\.?\d+)(?: × 10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))?/;
const NATURAL = new Intl.Collator('en', { numeric: true });

function makeSortable(table) {
  const body = table.tBodies[0];
  const heads = [...table.querySelectorAll('thead th')];
  if (!body || body.rows.length < 3 || !heads.length) { return; }
  const rows = [...body.rows];
  heads.forEach((head, column) => {
    if (!head.textContent.trim()) { return; }
    const button = make('button', { type: 'button', class: 'sort' }, ...head.childNodes);
    head.append(button);
    button.addEventListener('click', () => {
      const order = NEXT[head.getAttribute('aria-sort') || 'none'];
      heads.forEach((other) => other.removeAttribute('aria-sort'));
      if (order !== 'none') { head.setAttribute('aria-sort', order); }
      body.append(...sorted(rows, column, order));
    });
  });
}

// The rows in a new order; cells that hold nothing come last either way.
function sorted(rows, column, order) {
  if (order === 'none') { return rows; }
  const text = (row) => row.cells[column].textContent.trim();
  const filled = rows.filter((row) => !['', '–'].includes(text(row)));
  const empty = rows.filter((row) => !filled.includes(row));
  const compare = comparison(filled.map(text));
  const sign = order === 'ascending' ? 1 : -1;
  return [...filled.sort((a, b) => sign * compare(text(a), text(b))), ...empty];
}

// How the texts of a column compare: as verdicts, as numbers, or else by letters with numbers inside counted as such.
function comparison(texts) {
  if (texts.every((text) => VERDICTS.includes(text))) { return (a, b) => VERDICTS.indexOf(a) - VERDICTS.indexOf(b); }
  if (texts.every((text) => NUMBER.test(text))) { return (a, b) => numberIn(a) - numberIn(b); }
  return NATURAL.compare;
}

// "−0.241 [−0.25, −0.23]" → −0.241, "1.10 × 10⁻¹⁶ absolute" → 1.1e-16, "12,300" → 12300; "< 0.001" is just below 0.001.
function numberIn(text) {
  const [, digits, power] = text.match(NUMBER);
  const exponent = power ? [...power].map((sign) => (sign === '⁻' ? '-' : '⁰¹²³⁴⁵⁶⁷⁸⁹'.indexOf(sign))).join('') : '0';
  const value = Number(`${digits.replaceAll(',', '').replace('−', '-')}e${exponent}`);
  return text.startsWith('<') ? value * (1 - 1e-9) : value;
}
