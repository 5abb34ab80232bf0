// The lists of requests, and the history of one.

import { Refused, order, read } from './api.js';
import { $, cell, element, fill, link, row, say, time } from './dom.js';

const AGAIN = 2000;

/** What is looked for first; the rest follows as it comes. */
const FIRST = ['method', 'url', 'status_code', 'error', 'state', 'role', 'created', 'died', 'not_before', 'attempt', 'failures', 'max_attempts'];

const COLORS = { succeeded: 'good', dead: 'bad', failed: 'bad', retrying: 'warn', blocked: 'warn' };

export class Lists {
  constructor(actions) {
    this.actions = actions;
    this.running = 0;
    this.text = '';
    $('search').addEventListener('submit', (event) => {
      event.preventDefault();
      this.text = $('text').value;
      this.load();
    });
    $('search').addEventListener('change', (event) => event.target.name === 'list' && this.load());
    $('close').addEventListener('click', () => $('request').close());
    $('cancel').addEventListener('click', () => this.act('cancel'));
    $('redeliver').addEventListener('click', () => this.act('redeliver'));
  }

  start() {
    this.stop();
    this.timer = setInterval(() => document.hidden || $('request').open || this.load(), AGAIN);
    this.load();
  }

  stop() {
    clearInterval(this.timer);
  }

  async load() {
    const mine = ++this.running;
    const list = new FormData($('search')).get('list');
    const byRequest = ['waiting', 'retrying', 'dead'].includes(list);
    const finds = this.actions.mayOrder ? (byRequest ? 'id, host, URL or error' : 'id, status or error') : (byRequest ? 'id or host' : 'id or status');
    $('text').placeholder = finds;
    $('text').setAttribute('aria-label', 'Search by ' + finds);
    try {
      const found = await read(`api/requests?list=${list}&search=${encodeURIComponent(this.text)}`);
      if (mine === this.running) {
        say('list-problem', '');
        this.show(found);
      }
    } catch (error) {
      if (error instanceof Refused) {
        this.actions.refused(error);
      } else if (mine === this.running) {
        say('list-problem', error.message);
      }
    }
  }

  show(found) {
    say('empty', found.length ? '' : this.text ? 'None among the newest 10,000.' : 'None.');
    fill($('rows'), found, (one) => one.id + ' ' + one.role, (one) => row(
      link(one.id, () => this.open(one.id)),
      cell(one.status, COLORS[one.status]),
      one.role,
      cell(one.url ? `${one.method} ${one.url}` : one.host ? `${one.method} ${one.host}` : '', 'why'),
      cell(time(one.died ?? one.created), 'when'),
      cell(one.max_attempts ? `${one.attempt ?? one.failures} of ${one.max_attempts}` : one.status_code, 'n'),
      cell(one.error, 'why'),
    ));
  }

  async open(id) {
    this.id = id;
    $('request-title').textContent = 'Request ' + id;
    say('request-said', '');
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
      say('request-said', error.message);
    }
  }

  async act(what) {
    try {
      const { taken } = await order(`api/requests/${this.id}/${what}`);
      await this.history();
      say('request-said', done(what, taken));
      this.load();
    } catch (error) {
      say('request-said', error.message);
    }
    // The button that was pressed may be gone.
    $('request-said').focus();
  }
}

function done(what, taken) {
  const count = taken > 1 ? ` (${taken} requests of this id, of several roles)` : '';
  if (taken === 0) {
    return { cancel: 'It is being sent, or done.', redeliver: 'It is no dead letter any more.' }[what];
  }
  return { cancel: 'Cancelled', redeliver: 'Queued again, under a new id' }[what] + count + '.';
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
