// Improves dashboard pages that are complete without it: copy buttons, the search key, rows by keyboard, menus that close, no double submit.
(() => {
  'use strict';
  for (const button of document.querySelectorAll('[data-copy]')) {
    button.hidden = !navigator.clipboard;
    button.addEventListener('click', async () => {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.classList.add('is-copied');
      setTimeout(() => button.classList.remove('is-copied'), 1500);
    });
  }

  const isTyping = (target) => target.matches('input, textarea, select, [contenteditable]');
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    const find = document.getElementById('find');
    if (event.key === '/' && find) {
      event.preventDefault();
      find.focus();
    }
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    const links = [...document.querySelectorAll('tbody tr')].map((row) => row.querySelector('a[href]')).filter(Boolean);
    const place = links.indexOf(document.activeElement);
    if (place < 0 && document.activeElement !== document.body) return;
    const next = links[place + (event.key === 'ArrowDown' ? 1 : -1)];
    if (!next) return;
    event.preventDefault();
    next.focus();
  });

  const menus = document.querySelectorAll('details.switch');
  document.addEventListener('click', (event) => {
    for (const menu of menus) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    for (const menu of menus) {
      if (menu.open && menu.contains(document.activeElement)) menu.querySelector('summary').focus();
      menu.open = false;
    }
  });

  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (form.method !== 'post') return;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = 'yes';
  });
  addEventListener('pageshow', (event) => {
    if (event.persisted) for (const form of document.forms) delete form.dataset.sent;
  });

  const errors = document.getElementById('error-summary');
  if (errors) addEventListener('load', () => setTimeout(() => document.activeElement === document.body && errors.focus(), 50));
})();
