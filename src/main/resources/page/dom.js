// Elements from text, and tables that change where they differ alone: what has the focus, is pressed or is selected stays what it is.

export const $ = (id) => document.getElementById(id);

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

/** Says something; the same is not said twice, as it would be read out twice. */
export function say(id, text, className) {
  const place = $(id);
  if (place.textContent !== text) {
    place.textContent = text;
  }
  if (className !== undefined && place.className !== className) {
    place.className = className;
  }
  place.hidden = text === '' && place.hasAttribute('data-hides');
}

/** Makes the children of a place those of the items, by their keys; what is alike stays. */
export function fill(place, items, key, make) {
  const focused = place.contains(document.activeElement) ? document.activeElement : null;
  const before = new Map([...place.children].map((child) => [child.dataset.key, child]));
  items.forEach((item, number) => {
    const made = make(item);
    made.dataset.key = key(item);
    const old = before.get(made.dataset.key);
    before.delete(made.dataset.key);
    const child = old ? patched(old, made) : made;
    if (place.children[number] !== child) {
      place.insertBefore(child, place.children[number] ?? null);
    }
  });
  while (place.children.length > items.length) {
    place.lastElementChild.remove();
  }
  if (focused && focused.isConnected && document.activeElement !== focused) {
    focused.focus();
  }
}

function patched(old, made) {
  if (old.isEqualNode(made)) {
    return old;
  }
  if (old.childElementCount !== made.childElementCount || old.childElementCount === 0) {
    old.replaceWith(made);
    return made;
  }
  [...made.children].forEach((child, number) => {
    if (!old.children[number].isEqualNode(child)) {
      old.children[number].replaceWith(child);
    }
  });
  return old;
}
