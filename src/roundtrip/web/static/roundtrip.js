// Improves pages that are complete without it: show the password, no double submit, no frozen button after Back, focus on what went wrong.
(() => {
  'use strict';
  const PATIENCE = 15000; // milliseconds after which a button is offered again: the visitor may have pressed Stop

  const release = (form) => {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll('.is-busy')) {
      button.classList.remove('is-busy');
      button.removeAttribute('aria-disabled');
      const label = button.querySelector('.button-label');
      label.textContent = label.dataset.idle;
    }
  };

  const engage = (form, button) => {
    form.dataset.sent = 'yes';
    const label = button && button.querySelector('.button-label');
    if (!label || !button.dataset.busy) return;
    label.dataset.idle = label.textContent;
    label.textContent = button.dataset.busy;
    button.classList.add('is-busy');
    button.setAttribute('aria-disabled', 'true');
    setTimeout(release, PATIENCE, form);
  };

  const reveal = (button, shown) => {
    document.getElementById(button.getAttribute('aria-controls')).type = shown ? 'text' : 'password';
    button.setAttribute('aria-pressed', String(shown));
  };

  for (const button of document.querySelectorAll('.reveal')) {
    button.hidden = false;
    button.addEventListener('click', () => reveal(button, button.getAttribute('aria-pressed') !== 'true'));
  }

  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    // Browsers offer to keep a password only when they see one, and would keep a shown one as ordinary text.
    for (const button of form.querySelectorAll('.reveal')) reveal(button, false);
    engage(form, event.submitter || form.querySelector('.button'));
  });

  // A form that the visitor need not press: the answer on its way back to the site.
  const atOnce = document.querySelector('form[data-at-once]');
  if (atOnce) atOnce.requestSubmit();

  // A page that comes back from the cache looks as it was left: with its button pressed.
  addEventListener('pageshow', (event) => {
    if (event.persisted) document.querySelectorAll('form').forEach(release);
  });

  const errors = document.getElementById('error-summary');
  // `autofocus` does this already where browsers honour it on any element.
  if (errors) addEventListener('load', () => setTimeout(() => document.activeElement === document.body && errors.focus(), 50));

  // A frame that is filled only now is not waited for by the browser's own way onward (`logged_out.html`).
  addEventListener('load', () => setTimeout(() => {
    for (const frame of document.querySelectorAll('iframe[data-src]')) frame.src = frame.dataset.src;
  }));

  // A page that waits for something looks again by itself; without scripts its button does.
  const waiting = document.querySelector('[data-reload]');
  if (waiting) setTimeout(() => location.reload(), 1000 * waiting.dataset.reload);

  // How long something is still kept. What was typed stays: when the time is over, the page says so and the form can still be sent.
  const kept = document.querySelector('[data-left]');
  if (kept) {
    const end = Date.now() + 1000 * kept.dataset.left;
    const tick = () => {
      const left = Math.max(0, Math.round((end - Date.now()) / 1000));
      if (!left) {
        kept.closest('p').textContent = kept.dataset.over;
        return;
      }
      kept.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')}`;
      setTimeout(tick, 1000);
    };
    tick();
  }

  const wide = matchMedia('(min-width: 900px)');
  const unfold = () => {
    for (const part of document.querySelectorAll('details[data-open-from]')) part.open = wide.matches;
  };
  wide.addEventListener('change', unfold);
  if (wide.matches) unfold();

  const menu = document.querySelector('.menu');
  if (menu) {
    document.addEventListener('click', (event) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
    menu.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape' || !menu.open) return;
      menu.open = false;
      menu.querySelector('summary').focus();
    });
  }
})();
