// What goes on: numbers, plots and tables, drawn again with each event.

const POINTS = 120;
const $ = (id) => document.getElementById(id);

/** An element with text; text is never read as HTML. */
export function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined && text !== null) {
    made.textContent = text;
  }
  if (className) {
    made.className = className;
  }
  return made;
}

export function row(...contents) {
  const made = document.createElement('tr');
  made.append(...contents.map((content) => (content instanceof HTMLTableCellElement ? content : cell(content))));
  return made;
}

export function cell(content, className) {
  const made = element('td', undefined, className);
  made.append(content ?? '');
  return made;
}

export function link(text, onClick) {
  const made = element('button', text, 'link');
  made.type = 'button';
  made.addEventListener('click', onClick);
  return made;
}

export function time(text) {
  return text ? new Date(text).toLocaleString() : '';
}

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
        label, data: [], borderColor: color(name), backgroundColor: color(name), borderWidth: 1.5, pointRadius: 0,
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
    const now = new Date(event.at).toLocaleTimeString();
    this.add(this.plots.rate, now, [bridge.answered_per_second, bridge.failed_per_second]);
    this.add(this.plots.latency, now, [bridge.p50_ms ?? null, bridge.p99_ms ?? null]);
    this.add(this.plots.depth, now, database ? [database.due, database.in_flight] : [null, null]);
    this.state(bridge);
    $('problem').hidden = !event.problem;
    $('problem').textContent = event.problem ? 'The database cannot be read: ' + event.problem : '';
    if (database) {
      this.database(bridge, database);
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
    const text = bridge.reason ? `${bridge.name}: ${bridge.reason}` : `${bridge.name}: ready, ${how}`;
    if ($('state').textContent !== text) {
      $('state').textContent = text;
      $('state').className = bridge.reason ? 'bad' : 'good';
    }
  }

  database(bridge, now) {
    this.numbers([
      ['Due', many(now.due)],
      ['In flight', now.in_flight],
      ['Later', many(now.later)],
      ['Dead letters', many(now.dead), now.dead ? 'bad' : ''],
      ['Answered, 10 s', many(now.answered_10s)],
      ['Failed, 10 s', many(now.failed_10s), now.failed_10s ? 'bad' : ''],
    ]);
    $('bridges').replaceChildren(...now.bridges.map((one) => row(
      one.name + (one.is_leader ? ' (leads)' : ''),
      cell(one.state, one.state === 'running' ? 'good' : 'warn'),
      cell(one.in_flight, 'n'),
      cell(duration(one.up_seconds), 'when'),
      one.version,
    )));
    $('hosts').replaceChildren(...now.hosts.map((host) => this.host(host)));
    $('paused').replaceChildren(...now.paused.map((pause) => this.paused(pause)));
    $('failures').replaceChildren(...now.failures.map((failure) => row(
      link(failure.id, () => this.actions.open(failure.id)),
      cell(time(failure.created), 'when'),
      failure.status_code,
      cell(failure.error, 'why'),
    )));
  }

  numbers(all) {
    $('numbers').replaceChildren(...all.map(([name, value, className]) => {
      const made = document.createElement('div');
      made.append(element('dt', name), element('dd', value, className));
      return made;
    }));
  }

  host(host) {
    const state = host.is_paused ? 'paused' : host.is_open ? 'circuit breaker open' : '';
    const action = this.actions.mayOrder && !host.is_paused
      ? link('pause', () => this.actions.order('api/pause?host=' + encodeURIComponent(host.host)))
      : '';
    return row(host.host, cell(host.due, 'n'), cell(host.in_flight, 'n'), cell(state, 'warn'), cell(action));
  }

  paused(pause) {
    const made = element('li', `${pause.pattern}: paused by ${pause.by} since ${time(pause.since)} `);
    if (this.actions.mayOrder) {
      made.append(link('resume', () => this.actions.order('api/resume?host=' + encodeURIComponent(pause.pattern))));
    }
    return made;
  }
}

/** Counts stop there. */
function many(count) {
  return count >= 10000 ? '10,000+' : count.toLocaleString();
}
