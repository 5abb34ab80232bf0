// Begins: asks for the token where one is needed, then shows what goes on.

import { Refused, follow, order, read, setToken, takeTokenFromAddress } from './api.js';
import { Lists } from './lists.js';
import { Live } from './live.js';

const $ = (id) => document.getElementById(id);

const actions = {
  mayOrder: false,
  open: () => {},
  order: async (path) => {
    try {
      await order(path);
    } catch (error) {
      $('problem').textContent = error.message;
      $('problem').hidden = false;
    }
  },
};
let live;
let lists;

async function start() {
  try {
    actions.mayOrder = (await read('api/access')).may_order;
    $('login').hidden = true;
    $('pause').hidden = !actions.mayOrder;
    live ??= new Live(actions);
    lists ??= new Lists(actions);
    actions.open = (id) => lists.open(id);
    await follow((event) => live.show(event), lost);
  } catch (error) {
    if (!(error instanceof Refused)) {
      lost(error);
      setTimeout(start, 1000);
      return;
    }
    $('state').textContent = 'needs the token of --admin-token-file';
    $('login').hidden = false;
    $('login-problem').textContent = error.message;
    $('token').focus();
  }
}

function lost() {
  $('state').textContent = 'this bridge does not answer; trying again';
  $('state').className = 'bad';
}

$('login').addEventListener('submit', (event) => {
  event.preventDefault();
  setToken($('token').value);
  start();
});
$('pause').addEventListener('submit', (event) => {
  event.preventDefault();
  actions.order('api/pause?host=' + encodeURIComponent($('pause-host').value));
  $('pause-host').value = '';
});
takeTokenFromAddress();
start();
