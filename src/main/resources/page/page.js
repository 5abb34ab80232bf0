// Begins: asks for the token where one is needed, then shows what goes on.

import { Refused, follow, order, read, setToken, takeTokenFromAddress } from './api.js';
import { $, say } from './dom.js';
import { Lists } from './lists.js';
import { Live } from './live.js';

/** An event comes at least once a second. */
const SILENT_MS = 5000;

const actions = {
  mayOrder: false,
  open: (id) => lists.open(id),
  refused: login,
  pause: async (what, host) => {
    if (what === 'pause' && host.trim() === '*' && !confirm('Pause all hosts? Nothing more is sent until they are resumed.')) {
      return false;
    }
    try {
      const { taken } = await order(`api/${what}?host=${encodeURIComponent(host)}`);
      const done = { pause: ['is paused', 'was paused already'], resume: ['is resumed', 'was not paused'] }[what];
      say('pause-said', `${host} ${done[taken ? 0 : 1]}.`);
      return true;
    } catch (error) {
      say('pause-said', error.message);
      return false;
    }
  },
};
let live;
let lists;
let stream = new AbortController();
let lastEvent = 0;

async function start() {
  stream.abort();
  stream = new AbortController();
  const mine = stream.signal;
  try {
    actions.mayOrder = (await read('api/access')).may_order;
    $('login').hidden = true;
    $('pause').hidden = !actions.mayOrder;
    live ??= new Live(actions);
    lists ??= new Lists(actions);
    lists.start();
    await follow(mine, (event) => {
      lastEvent = Date.now();
      live.show(event);
    }, lost);
  } catch (error) {
    if (mine.aborted) {
      return;
    }
    if (error instanceof Refused) {
      login(error);
    } else {
      lost(error);
      setTimeout(start, 1000);
    }
  }
}

/** Nothing is asked until somebody has given another token. */
function login(error) {
  stream.abort();
  lists?.stop();
  lastEvent = 0;
  document.body.classList.add('stale');
  say('state', 'needs the token of --admin-token-file', '');
  $('login').hidden = false;
  say('login-problem', error.message);
  $('token').focus();
}

function lost(error) {
  document.body.classList.add('stale');
  say('state', error?.problem ?? 'this bridge does not answer; trying again', 'bad');
}

setInterval(() => {
  if (lastEvent && !document.hidden && Date.now() - lastEvent > SILENT_MS) {
    lost({ problem: 'no news from this bridge since ' + new Date(lastEvent).toLocaleTimeString() });
  }
}, 1000);

// A browser has six connections for a place: a tab that nobody sees leaves them to others.
document.addEventListener('visibilitychange', () => {
  if (document.hidden) {
    stream.abort();
  } else if ($('login').hidden) {
    start();
  }
});
$('login').addEventListener('submit', (event) => {
  event.preventDefault();
  setToken($('token').value);
  start();
});
$('pause').addEventListener('submit', async (event) => {
  event.preventDefault();
  if (await actions.pause('pause', $('pause-host').value)) {
    $('pause-host').value = '';
  }
});
takeTokenFromAddress();
start();
