// The API of this page, and the token that it is asked with. The token stays in this tab, and is never part of an address.

const KEPT = 'pgnetty-token';

export class Refused extends Error {}

/** What the bridge says against something. */
class Problem extends Error {
  get problem() {
    return this.message;
  }
}

export function takeTokenFromAddress() {
  const given = new URLSearchParams(location.hash.slice(1)).get('token');
  if (given) {
    setToken(given);
    history.replaceState(null, '', location.pathname);
  }
}

export function setToken(token) {
  // A header takes no other characters; a token with one is wrong anyhow.
  sessionStorage.setItem(KEPT, token.trim().replace(/[^\x21-\x7e]/g, '?'));
}

function headers() {
  const token = sessionStorage.getItem(KEPT);
  return token ? { Authorization: 'Bearer ' + token } : {};
}

async function ask(path, options = {}) {
  const response = await fetch(path, { ...options, headers: headers(), cache: 'no-store' });
  if (response.status === 401) {
    throw new Refused(sessionStorage.getItem(KEPT) ? 'This token is not the right one.' : '');
  }
  return response;
}

async function json(response) {
  const body = await response.json();
  if (!response.ok) {
    throw new Problem(body.problem ?? 'status ' + response.status);
  }
  return body;
}

export const read = async (path) => json(await ask(path));

export const order = async (path) => json(await ask(path, { method: 'POST' }));

/** Calls back with each live event until it is aborted: a stream that ends is opened again. Ends where the token is refused. */
export async function follow(signal, onEvent, onLost) {
  while (!signal.aborted) {
    try {
      const response = await ask('api/events', { signal });
      if (!response.ok) {
        throw new Problem((await response.json()).problem);
      }
      await pump(response.body.pipeThrough(new TextDecoderStream()).getReader(), onEvent);
    } catch (error) {
      if (error instanceof Refused || signal.aborted) {
        throw error;
      }
      onLost(error);
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
}

async function pump(reader, onEvent) {
  let rest = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) {
      return;
    }
    const events = (rest + value).split('\n\n');
    rest = events.pop();
    events.filter((event) => event.startsWith('data: ')).forEach((event) => onEvent(JSON.parse(event.slice(6))));
  }
}
