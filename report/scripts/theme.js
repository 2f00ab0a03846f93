// Light, dark or as the system has it. The choice is kept where the browser lets a page keep anything.
const THEMES = ['auto', 'light', 'dark'];
const THEME_KEY = 'theme';

function keptTheme() {
  try { return window.localStorage.getItem(THEME_KEY); } catch { return null; }
}

function keepTheme(theme) {
  try { window.localStorage.setItem(THEME_KEY, theme); } catch { /* the page forgets it */ }
}

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
}

// Before anything is painted.
function followTheme() {
  const kept = keptTheme();
  setTheme(THEMES.includes(kept) ? kept : 'auto');
}

function offerThemes() {
  const choice = document.getElementById('theme');
  choice.querySelectorAll('input').forEach((input) => {
    input.checked = input.value === document.documentElement.dataset.theme;
    input.addEventListener('change', () => {
      setTheme(input.value);
      keepTheme(input.value);
    });
  });
  choice.hidden = false;
}
