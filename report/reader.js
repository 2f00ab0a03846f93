// A convenience only: without it every part of the page can still be read.
(function () {
  'use strict';
  var contents = document.getElementById('contents');
  var wide = window.matchMedia('(min-width: 70rem)');
  function arrange() { contents.open = wide.matches; }
  arrange();
  wide.addEventListener('change', arrange);

  // The table of contents follows the scroll.
  var links = {};
  contents.querySelectorAll('a[href^="#"]').forEach(function (link) {
    links[decodeURIComponent(link.getAttribute('href').slice(1))] = link;
    link.addEventListener('click', function () { if (!wide.matches) { contents.open = false; } });
  });
  var visible = new Set();
  var sections = Array.from(document.querySelectorAll('main section[id]')).filter(function (section) {
    return links[section.id];
  });
  var observer = new IntersectionObserver(function (changes) {
    changes.forEach(function (change) {
      if (change.isIntersecting) { visible.add(change.target); } else { visible.delete(change.target); }
    });
    var current = sections.filter(function (section) { return visible.has(section); }).pop();
    Object.values(links).forEach(function (link) { link.removeAttribute('aria-current'); });
    if (current) { links[current.id].setAttribute('aria-current', 'true'); }
  }, { rootMargin: '-10% 0px -70% 0px' });
  sections.forEach(function (section) { observer.observe(section); });
}());
