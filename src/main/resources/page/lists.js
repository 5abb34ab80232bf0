// The lists of requests, and the history of one.

import { order, read } from './api.js';
import { cell, element, link, row, time } from './live.js';

const $ = (id) => document.getElementById(id);
const AGAIN = 2000;

/** What is looked for first; the rest follows as it comes. */
const FIRST = ['method', 'url', 'status_code', 'error', 'state', 'role', 'created', 'died', 'not_before', 'attempt', 'failures', 'max_attempts'];

export class Lists {
  constructor(actions) {
    this.actions = actions;
    this.running = 0;
    $('search').addEventListener('submit', (event) => {
      event.preventDefault();
      this.load();
    });
    $('search').addEventListener('change', (event) => event.target.name === 'list' && this.load());
    $('close').addEventListener('click', () => $('request').close());
    $('cancel').addEventListener('click', () => this.act('cancel'));
    $('redeliver').addEventListener('click', () => this.act('redeliver'));
    setInterval(() => document.hidden || $('request').open || this.load(), AGAIN);
    this.load();
  }

  async load() {
    const mine = ++this.running;
    const list = new FormData($('search')).get('list');
    try {
      const found = await read(`api/requests?list=${list}&search=${encodeURIComponent($('text').value)}`);
      if (mine === this.running) {
        $('list-problem').hidden = true;
        this.show(found);
      }
    } catch (error) {
      $('list-problem').textContent = error.message;
      $('list-problem').hidden = false;
    }
  }

  show(found) {
    $('empty').hidden = found.length > 0;
    // What has the focus keeps it.
    const focused = document.activeElement?.dataset.request;
    $('rows').replaceChildren(...found.map((one) => {
      const open = link(one.id, () => this.open(one.id));
      open.dataset.request = one.id;
      return row(
        open,
        cell(one.status, { succeeded: 'good', dead: 'bad', failed: 'bad', retrying: 'warn', blocked: 'warn' }[one.status]),
        one.role,
        cell(one.url ? `${one.method} ${one.url}` : one.host ? `${one.method} ${one.host}` : '', 'why'),
        cell(time(one.died ?? one.created), 'when'),
        cell(one.max_attempts ? `${one.attempt ?? one.failures} of ${one.max_attempts}` : one.status_code, 'n'),
        cell(one.error, 'why'),
      );
    }));
    if (focused) {
      document.querySelector(`[data-request="${focused}"]`)?.focus();
    }
  }

  async open(id) {
    this.id = id;
    $('request-title').textContent = 'Request ' + id;
    $('request-said').textContent = '';
    $('history').replaceChildren();
    $('cancel').hidden = $('redeliver').hidden = true;
    if (!$('request').open) {
      $('request').showModal();
    }
    await this.history();
  }

  async history() {
    try {
      const found = await read('api/requests/' + this.id);
      $('cancel').hidden = found.queued.length === 0;
      $('redeliver').hidden = found.dead.length === 0;
      $('history').replaceChildren(...sections(found));
    } catch (error) {
      $('request-said').textContent = error.message;
    }
  }

  async act(what) {
    try {
      const { taken } = await order(`api/requests/${this.id}/${what}`);
      const said = taken
        ? { cancel: 'Cancelled.', redeliver: 'Queued again, under a new id.' }[what]
        : { cancel: 'It is being sent, or done.', redeliver: 'It is no dead letter any more.' }[what];
      await this.history();
      $('request-said').textContent = said;
      this.load();
    } catch (error) {
      $('request-said').textContent = error.message;
    }
  }
}

function sections(found) {
  const all = [
    ...found.queued.map((one) => section('In the queue', one)),
    ...(found.attempts.length ? [attempts(found.attempts)] : []),
    ...found.responses.map((one) => section(one.cancelled ? 'Cancelled' : 'Response', one)),
    ...found.dead.map((one) => section('Dead letter', one)),
  ];
  return all.length ? all : [element('p', 'Nothing is known of it any more.')];
}

function section(title, facts) {
  const made = document.createElement('section');
  const table = document.createElement('table');
  const rank = ([name]) => (FIRST.indexOf(name) + FIRST.length + 1) % (FIRST.length + 1);
  for (const [name, value] of Object.entries(facts).sort((a, b) => rank(a) - rank(b))) {
    if (value !== null && value !== '' && value !== false) {
      table.append(row(element('td', name.replaceAll('_', ' ')), cell(shown(value), 'why')));
    }
  }
  made.append(element('h3', title), table);
  return made;
}

function shown(value) {
  if (typeof value === 'object') {
    return element('pre', Object.entries(value).map(([name, text]) => `${name}: ${text}`).join('\n'));
  }
  const text = /^\d{4}-\d\d-\d\dT/.test(value) ? time(value) : String(value);
  return text.length > 100 || text.includes('\n') ? element('pre', text) : text;
}

function attempts(all) {
  const made = document.createElement('section');
  const scroll = element('div', undefined, 'scroll');
  const table = document.createElement('table');
  const head = document.createElement('tr');
  head.append(...['Attempt', 'Started', 'Took', 'Outcome', 'Why', 'Bridge'].map((name) => element('th', name)));
  table.append(head, ...all.map((one) => row(
    one.attempt,
    cell(time(one.started), 'when'),
    cell(one.duration_ms === null ? '' : `${Math.round(one.duration_ms)} ms`),
    cell(one.status_code ?? one.failure, one.failure || one.status_code >= 500 ? 'bad' : 'good'),
    cell(one.error, 'why'),
    one.bridge,
  )));
  scroll.append(table);
  made.append(element('h3', 'Attempts'), scroll);
  return made;
}
