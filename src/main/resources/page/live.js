// What goes on: numbers, plots and tables, drawn again with each event.

import { $, cell, element, fill, link, row, say, time } from './dom.js';

const POINTS = 120;

/** What was read longer ago is not what is. */
const STALE_MS = 3000;

function duration(seconds) {
  const units = [['d', 86400], ['h', 3600], ['min', 60], ['s', 1]];
  const [unit, size] = units.find(([, size]) => seconds >= size) ?? ['s', 1];
  return Math.floor(seconds / size) + ' ' + unit;
}

function color(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function plot(id, lines) {
  return new Chart($(id), {
    type: 'line',
    data: {
      labels: [],
      datasets: lines.map(([label, name]) => ({
        label, data: [], borderColor: color(name), backgroundColor: color(name), borderWidth: 1.5, pointRadius: 1,
      })),
    },
    options: {
      animation: false,
      maintainAspectRatio: false,
      interaction: { mode: 'index', intersect: false },
      scales: {
        x: { ticks: { display: false }, grid: { display: false } },
        y: { beginAtZero: true, ticks: { color: color('--soft'), maxTicksLimit: 5 }, grid: { color: color('--line') } },
      },
      plugins: { legend: { labels: { color: color('--text'), boxWidth: 10 } } },
    },
  });
}

export class Live {
  constructor(actions) {
    this.actions = actions;
    this.draw();
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
      Object.values(this.plots).forEach((chart) => chart.destroy());
      this.draw();
    });
  }

  draw() {
    this.plots = {
      rate: plot('plot-rate', [['answered', '--good'], ['failed', '--bad']]),
      latency: plot('plot-latency', [['p50', '--link'], ['p99', '--warn']]),
      depth: plot('plot-depth', [['due', '--warn'], ['in flight', '--link']]),
    };
  }

  show(event) {
    const { bridge, database } = event;
    const age = event.at - event.read_at;
    const fresh = database && age < STALE_MS;
    const now = new Date(event.at).toLocaleTimeString();
    this.add(this.plots.rate, now, [bridge.answered_per_second ?? null, bridge.failed_per_second ?? null]);
    this.add(this.plots.latency, now, [bridge.p50_ms ?? null, bridge.p99_ms ?? null]);
    this.add(this.plots.depth, now, fresh ? [database.due, database.in_flight] : [null, null]);
    this.state(bridge);
    if (event.problem) {
      say('problem', 'The database cannot be read: ' + event.problem);
    } else if (database && !fresh) {
      say('problem', 'The database does not answer: what is shown of it is of ' + new Date(event.read_at).toLocaleTimeString() + '.');
    } else {
      say('problem', '');
    }
    if (database || event.problem) {
      document.body.classList.toggle('stale', !fresh);
    }
    if (database) {
      this.database(database);
    }
  }

  add(chart, label, values) {
    chart.data.labels.push(label);
    chart.data.datasets.forEach((line, number) => line.data.push(values[number]));
    if (chart.data.labels.length > POINTS) {
      chart.data.labels.shift();
      chart.data.datasets.forEach((line) => line.data.shift());
    }
    chart.update('none');
  }

  state(bridge) {
    const how = bridge.polling ? 'polling' : bridge.listening ? 'listening' : 'not listening';
    say('state', bridge.reason ? `${bridge.name}: ${bridge.reason}` : `${bridge.name}: ready, ${how}`, bridge.reason ? 'bad' : 'good');
  }

  database(now) {
    const more = now.recent_capped ? '+' : '';
    fill($('numbers'), [
      ['Due', many(now.due)],
      ['In flight', now.in_flight],
      ['Later', many(now.later)],
      ['Dead letters', many(now.dead), now.dead ? 'bad' : ''],
      ['Answered, 10 s', now.answered_10s.toLocaleString() + more],
      ['Failed, 10 s', now.failed_10s.toLocaleString() + more, now.failed_10s ? 'bad' : ''],
    ], ([name]) => name, ([name, value, className]) => {
      const made = document.createElement('div');
      made.append(element('dt', name), element('dd', value, className));
      return made;
    });
    fill($('bridges'), now.bridges, (one) => one.key, (one) => row(
      one.name + (one.is_leader ? ' (leads)' : ''),
      cell(one.state, one.state === 'running' ? 'good' : 'warn'),
      cell(one.in_flight, 'n'),
      cell(duration(one.up_seconds), 'when'),
      one.version,
    ));
    fill($('hosts'), now.hosts, (one) => one.host, (one) => this.host(one));
    say('hosts-more', now.hosts_capped ? 'There are more: these are those with the most in flight, and the first with requests that are due.' : '');
    fill($('paused'), now.paused, (one) => one.pattern, (one) => this.paused(one));
    fill($('failures'), now.failures, (one) => one.id + one.created, (one) => row(
      link(one.id, () => this.actions.open(one.id)),
      cell(time(one.created), 'when'),
      one.status_code,
      cell(one.error, 'why'),
    ));
  }

  host(host) {
    const state = host.is_paused ? 'paused' : host.is_open ? 'circuit breaker open' : '';
    const action = this.actions.mayOrder && !host.is_paused
      ? link('pause', () => this.actions.pause('pause', host.host))
      : '';
    return row(
      host.host,
      cell(host.due.toLocaleString() + (host.capped ? '+' : ''), 'n'),
      cell(host.in_flight, 'n'),
      cell(state, 'warn'),
      cell(action),
    );
  }

  paused(pause) {
    const made = element('li');
    made.append(element('span', `${pause.pattern}: paused by ${pause.by} since ${time(pause.since)} `));
    if (this.actions.mayOrder) {
      made.append(link('resume', () => this.actions.pause('resume', pause.pattern)));
    }
    return made;
  }
}

/** Counts stop there. */
function many(count) {
  return count >= 10000 ? '10,000+' : count.toLocaleString();
}
