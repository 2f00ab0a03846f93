// The table of contents follows the scroll; on a narrow page it is closed and its head names the current section.
function followContents() {
  const contents = document.getElementById('contents');
  const here = contents.querySelector('.here');
  const wide = window.matchMedia('(min-width: 70rem)');
  const arrange = () => { contents.open = wide.matches; };
  arrange();
  wide.addEventListener('change', arrange);
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && !wide.matches) { contents.open = false; }
  });

  const links = new Map();
  contents.querySelectorAll('a[href^="#"]').forEach((link) => {
    links.set(decodeURIComponent(link.getAttribute('href').slice(1)), link);
    link.addEventListener('click', () => { if (!wide.matches) { contents.open = false; } });
  });
  const sections = [...document.querySelectorAll('main section[id]')].filter((section) => links.has(section.id));
  const visible = new Set();
  const observer = new IntersectionObserver((changes) => {
    changes.forEach((change) => visible[change.isIntersecting ? 'add' : 'delete'](change.target));
    const current = sections.filter((section) => visible.has(section)).pop();
    links.forEach((link) => link.removeAttribute('aria-current'));
    if (!current) { return; }
    const link = links.get(current.id);
    link.setAttribute('aria-current', 'true');
    here.textContent = link.textContent;
    if (wide.matches) { keepInView(contents, link); }
  }, { rootMargin: '-10% 0px -70% 0px' });
  sections.forEach((section) => observer.observe(section));
}

// Scroll `box`, and nothing else, until `element` can be seen in it.
function keepInView(box, element) {
  const outer = box.getBoundingClientRect();
  const inner = element.getBoundingClientRect();
  if (inner.top < outer.top) { box.scrollTop -= outer.top - inner.top; }
  if (inner.bottom > outer.bottom) { box.scrollTop += inner.bottom - outer.bottom; }
}
