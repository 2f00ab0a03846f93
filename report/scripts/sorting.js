// Tables sort by a click on a column's head: upwards, downwards, and as they were.
const VERDICTS = ['supported', 'qualified', 'contradicted', 'inconclusive'];
const NEXT = { none: 'ascending', ascending: 'descending', descending: 'none' };
const NUMBER = /^[^\d−–]{0,4}([−-]?[\d,]*\.?\d+)(?: × 10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))?/;
const EMPTY = ['', '–'];
const NATURAL = new Intl.Collator('en', { numeric: true });

function makeSortable(table) {
  const body = table.tBodies[0];
  const heads = [...table.querySelectorAll('thead th')];
  if (!body || body.rows.length < 3 || !heads.length) { return; }
  const rows = [...body.rows];
  heads.forEach((head, column) => {
    if (!head.textContent.trim() || !comparison(filled(rows, column))) { return; }
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

// The texts of a column, without those that say nothing.
function filled(rows, column) { return rows.map((row) => cellText(row, column)).filter((words) => !EMPTY.includes(words)); }

function cellText(row, column) { return row.cells[column].textContent.trim(); }

// The rows in a new order; cells that hold nothing come last either way.
function sorted(rows, column, order) {
  if (order === 'none') { return rows; }
  const said = rows.filter((row) => !EMPTY.includes(cellText(row, column)));
  const empty = rows.filter((row) => !said.includes(row));
  const compare = comparison(filled(rows, column));
  const sign = order === 'ascending' ? 1 : -1;
  return [...said.sort((a, b) => sign * compare(cellText(a, column), cellText(b, column))), ...empty];
}

// How the texts of a column compare: as verdicts, as numbers of one unit, or by letters; null where they do not.
function comparison(texts) {
  if (texts.every((words) => VERDICTS.includes(words))) { return (a, b) => VERDICTS.indexOf(a) - VERDICTS.indexOf(b); }
  const units = new Set(texts.map((words) => (NUMBER.test(words) ? unit(words) : 'none')));
  if (units.size === 1 && !units.has('none')) { return (a, b) => numberIn(a) - numberIn(b); }
  return texts.some((words) => NUMBER.test(words)) ? null : NATURAL.compare;
}

// What is left of a text without its number, what is in brackets, and a plural's s.
function unit(words) { return words.replace(NUMBER, '').replace(/[[(].*$/, '').trim().replace(/s$/, ''); }

// "−0.241 [−0.25, −0.23]" → −0.241, "1.10 × 10⁻¹⁶ absolute" → 1.1e-16, "12,300" → 12300; "< 0.001" is just below 0.001.
function numberIn(text) {
  const [, digits, power] = text.match(NUMBER);
  const exponent = power ? [...power].map((sign) => (sign === '⁻' ? '-' : '⁰¹²³⁴⁵⁶⁷⁸⁹'.indexOf(sign))).join('') : '0';
  const value = Number(`${digits.replaceAll(',', '').replace('−', '-')}e${exponent}`);
  return text.startsWith('<') ? value * (1 - 1e-9) : value;
}
