'use strict';
// What script adds to pages that work without it. Clicks and submits are heard at the document, so that a `<main>` which
// was replaced needs nothing bound again; `enliven` starts what belongs to single elements.

const STATES = ['free', 'nearly', 'full', 'closed', 'ahead'];
const CHANGED_MS = 2_000;
const HIDDEN_LONG_MS = 5_000;
const SOON_MS = 120_000;
const PLACE_WAIT_MS = 10_000;
const PLACE_AGE_MS = 300_000;
const LOOK_EVERY_MS = 200;
const SEND_EVERY_MS = 400;
const SENT_SIDE_PX = 480;
const QUIET_MS = 10_000;
const REFRESH_LEAST_S = 2;
const RENEW_WAIT_MS = 1_000;
const SILENT_MS = 10_000;
const REOPEN_MS = 15_000;
const FIND_WAIT_MS = 200;

const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const calm = matchMedia('(prefers-reduced-motion: reduce)');

let touched = false; // somebody has typed or chosen something on this page
let lastAct = 0; // when a key or a pointer was last used, in ms

// Live numbers

const streams = new Map(); // element with data-live -> its EventSource

function openStream(element) {
  if (streams.has(element)) return;
  const stream = new EventSource(element.dataset.live);
  stream.addEventListener('counts', (event) => {
    for (const count of parsed(event.data)) showCount(count);
  });
  // What somebody has typed is worth more than a fresh page.
  stream.addEventListener('reload', () => {
    if (!touched) location.reload();
  });
  stream.addEventListener('open', hear);
  stream.addEventListener('error', () => miss(element, stream));
  streams.set(element, stream);
}

// A stream that ends is opened again by the browser; when that takes long, the numbers are old and the page says so.
let silence = 0;
function miss(element, stream) {
  silence ||= setTimeout(warnStale, SILENT_MS, true);
  if (stream.readyState !== EventSource.CLOSED) return;
  // Refused, and not tried again by the browser.
  streams.delete(element);
  setTimeout(openStreams, REOPEN_MS);
}

function hear() {
  clearTimeout(silence);
  silence = 0;
  warnStale(false);
}

function closeStreams(unless = () => false) {
  for (const [element, stream] of streams) {
    if (unless(element)) continue;
    stream.close();
    streams.delete(element);
  }
  if (streams.size > 0) return;
  clearTimeout(silence);
  silence = 0;
}

function openStreams() {
  closeStreams((element) => element.isConnected);
  if (!document.hidden) all('[data-live]').forEach(openStream);
}

function parsed(text) {
  try {
    const counts = JSON.parse(text);
    return Array.isArray(counts) ? counts : [];
  } catch {
    return [];
  }
}

function showCount({ key, words, state, share }) {
  for (const element of all(`[data-count="${CSS.escape(key)}"]`)) {
    const changed = element.textContent !== words;
    element.textContent = words;
    const holder = element.closest('.day, .band');
    if (holder && STATES.includes(state)) {
      const wasFull = holder.classList.contains('s-full');
      if (holder.matches('.band') && wasFull !== (state === 'full')) renewSoon();
      for (const shown of [holder, ...all('.meter', holder)]) {
        shown.classList.remove(...STATES.map((name) => `s-${name}`));
        shown.classList.add(`s-${state}`);
      }
    }
    if (holder && Number.isFinite(share)) {
      const width = Math.min(100, Math.max(0, share));
      for (const fill of all('.meter .fill', holder)) fill.setAttribute('width', width);
    }
    if (changed) flash(element);
  }
}

function flash(element) {
  if (calm.matches) return;
  element.classList.add('changed');
  setTimeout(() => element.classList.remove('changed'), CHANGED_MS);
}

// A tab left in the background must not hold a connection of the server for days.
let hiddenTimer = 0;
function followVisibility() {
  clearTimeout(hiddenTimer);
  if (document.hidden) hiddenTimer = setTimeout(closeStreams, HIDDEN_LONG_MS);
  else openStreams();
}

// Clocks: one tick a second moves them all

const countdowns = new Map(); // element -> { until, ahead } in ms; ahead: server clock minus ours

function startCountdown(element) {
  const until = Date.parse(element.dataset.countdown);
  const now = Date.parse(element.dataset.now);
  if (Number.isNaN(until)) return;
  // Clocks of phones are wrong by minutes; only the server's counts.
  countdowns.set(element, { until, ahead: Number.isNaN(now) ? 0 : now - Date.now() });
}

function tick() {
  for (const [element, { until, ahead }] of countdowns) {
    const left = Math.max(0, until - (Date.now() + ahead));
    showLeft(element, left);
    if (left === 0 || !element.isConnected) countdowns.delete(element);
  }
  for (const clock of all('[data-clock]')) showTime(clock);
}

// A clock of the hall: it begins at the server's instant and shows the hall's time, whatever the device is set to.
const clocks = new WeakMap(); // element -> what its time of day, taken for UTC, is ahead of our clock, in ms

function startClock(element) {
  const now = Date.parse(element.dataset.now);
  const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)$/.exec(element.dataset.now ?? '') ?? [];
  if (Number.isNaN(now) || !sign) return;
  const offset = (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -60_000 : 60_000);
  clocks.set(element, now - Date.now() + offset);
}

function showTime(clock) {
  if (!clocks.has(clock)) return;
  const time = new Date(Date.now() + clocks.get(clock)).toISOString().slice(11, 16);
  if (clock.textContent !== time) clock.textContent = time;
}

// The device's clock may be set right meanwhile; the server's instants come with every refresh.
function setClocks(main, fresh) {
  const instants = all('[data-clock]', fresh);
  for (const [at, clock] of all('[data-clock]', main).entries()) {
    if (!instants[at]) continue;
    clock.dataset.now = instants[at].dataset.now;
    startClock(clock);
  }
}

function showLeft(element, left) {
  const seconds = Math.ceil(left / 1_000);
  const clock = element.querySelector('.clock');
  if (clock) clock.textContent = [Math.floor(seconds / 60), seconds % 60].map((n) => String(n).padStart(2, '0')).join(':');
  if (left === 0) return whenOver(element);
  if (left > SOON_MS || element.classList.contains('soon')) return;
  element.classList.add('soon');
  // Said once: a clock read aloud every second would drown the form.
  const voice = document.querySelector('[data-announce]');
  if (voice && element.dataset.soon) voice.textContent = element.dataset.soon;
}

function whenOver(element) {
  element.classList.remove('soon');
  element.classList.add('over');
  for (const notice of all('[data-when-over]')) notice.hidden = false;
}

// Forms

const sent = new Set(); // forms with data-once that are on their way

const buttonsOf = (form) =>
  [...form.elements].filter((element) => element.tagName === 'BUTTON' && element.type === 'submit');

function sendOnce(event) {
  const form = event.target;
  if (event.defaultPrevented || !form.matches('[data-once]')) return;
  if (sent.has(form)) return event.preventDefault();
  sent.add(form);
  // aria-disabled, not disabled: a disabled button's own name and value would not be sent, and focus would be lost.
  for (const button of buttonsOf(form)) button.setAttribute('aria-disabled', 'true');
}

// A form that this very page answers: only `<main>` is drawn anew, so nobody loses their place in a long list.
async function sendInPlace(event) {
  const { target: form, submitter } = event;
  if (event.defaultPrevented || !form.matches('[data-in-place]')) return;
  event.preventDefault();
  const body = new URLSearchParams(new FormData(form));
  if (submitter?.name) body.append(submitter.name, submitter.value);
  try {
    const answer = await fetch(form.action, { method: 'POST', headers: { accept: 'text/html' }, body });
    // Signed out meanwhile: the page itself goes to where the server wants it.
    if (answer.redirected && new URL(answer.url).pathname !== location.pathname) return location.assign(answer.url);
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const fresh = page.querySelector('main');
    document.title = page.title;
    exchange(document.querySelector('main'), fresh);
    sent.delete(form);
    if (!answer.ok) fresh.focus();
    keepFresh();
  } catch {
    // The browser sends it by itself, and says what is wrong with the line.
    sent.delete(form);
    form.removeAttribute('data-in-place');
    form.requestSubmit(submitter);
  }
}

// The browser's "back" brings the page as it was left; its forms may be sent again, and a scan that was sent is done with.
function allowAgain({ persisted }) {
  // A telephone that was opened is hidden at the next look.
  if (persisted && document.querySelector('.telephone')) location.reload();
  const field = persisted && scannerField();
  if (field) field.value = '';
  for (const form of sent) for (const button of buttonsOf(form)) button.removeAttribute('aria-disabled');
  sent.clear();
}

// Much that was typed and not sent is not lost by a wrong press: the browser asks.
function guardTyped(event) {
  if (touched && sent.size === 0 && document.querySelector('form[data-unsaved]')) event.preventDefault();
}

// Asked for only after a click, and sent rounded to about ten metres.
function usePlace(button) {
  const form = button.closest('form[data-place]');
  if (!form || button.getAttribute('aria-disabled') === 'true') return;
  button.setAttribute('aria-disabled', 'true');
  const refused = () => {
    button.removeAttribute('aria-disabled');
    for (const notice of all('[data-place-refused]', form)) notice.hidden = false;
  };
  const found = ({ coords }) => {
    button.removeAttribute('aria-disabled');
    setField(form, 'lat', coords.latitude.toFixed(4));
    setField(form, 'lon', coords.longitude.toFixed(4));
    setField(form, 'datum', 'wgs84');
    const area = form.elements.namedItem('area');
    if (area) area.value = ''; // the place is what is wanted now
    form.noValidate = true; // an empty search field beside the button is no mistake now
    form.requestSubmit();
  };
  if (!navigator.geolocation) return refused();
  navigator.geolocation.getCurrentPosition(found, refused, { timeout: PLACE_WAIT_MS, maximumAge: PLACE_AGE_MS });
}

function setField(form, name, value) {
  let field = form.elements.namedItem(name);
  if (!field) {
    field = document.createElement('input');
    field.type = 'hidden';
    field.name = name;
    form.append(field);
  }
  field.value = value;
}

// An address that goes into another app

function offerCopy(button) {
  // Only a page that came over a safe line may write to the clipboard; the words can be selected in any case.
  if (navigator.clipboard?.writeText) button.hidden = false;
}

async function copy(button) {
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = button.dataset.copied;
  } catch {
    button.hidden = true;
  }
}

// Places: each list follows what was chosen in the one above it

// `wanted`: the codes to choose in the lists below, for those that are known already.
async function followPlace(select, [wanted = '', ...rest] = []) {
  const below = document.getElementById(select.dataset.below);
  if (!below) return;
  const chosen = select.value;
  const list = chosen ? await listBelow(select) : [];
  if (select.value !== chosen) return; // chosen anew meanwhile
  // Without the list the server makes the page anew, as it does without a script.
  if (!list) return select.form.requestSubmit(select.closest('fieldset').querySelector('[value^="places-"]'));
  const [first] = below.options;
  below.replaceChildren(first, ...list.map(([code, name]) => new Option(name, code)));
  below.value = list.length === 1 ? list[0][0] : wanted;
  below.parentElement.hidden = list.length === 0 && !below.dataset.below;
  await followPlace(below, rest);
}

const listBelow = (select) =>
  fetch(select.dataset.places + select.value)
    .then((answer) => (answer.ok ? answer.json() : null))
    .catch(() => null);

// A place by its name: what is found while somebody types stands in a list below the field

const finders = new WeakMap(); // search field -> { wait, name, hits, at }: what was found for which name, and where the keys are

const hitsOf = (field) => document.getElementById(`${field.id}-hits`);
const isOpen = (field) => field.getAttribute('aria-expanded') === 'true';
const say = (field, words) => (document.getElementById(`${field.id}-said`).textContent = words);

function offerSearch(field) {
  finders.set(field, { wait: 0, name: '', hits: [], at: -1 });
  const roles = { role: 'combobox', 'aria-autocomplete': 'list', 'aria-expanded': false, 'aria-controls': hitsOf(field).id };
  for (const [name, value] of Object.entries(roles)) field.setAttribute(name, value);
}

function findSoon(field) {
  const finder = finders.get(field);
  if (!finder) return;
  clearTimeout(finder.wait);
  finder.wait = setTimeout(find, FIND_WAIT_MS, field);
}

async function find(field) {
  const name = field.value.trim();
  const answer = name ? await placesNamed(field, name) : { hits: [], said: '' };
  if (field.value.trim() !== name) return true; // typed on meanwhile
  if (!answer) return false;
  Object.assign(finders.get(field), { name, hits: answer.hits });
  const list = hitsOf(field);
  list.setAttribute('role', 'listbox');
  list.setAttribute('aria-label', field.labels[0].textContent);
  list.replaceChildren(...answer.hits.map((hit, at) => optionOf(field, hit, at)));
  unfold(field, answer.hits.length > 0);
  say(field, answer.said);
  return true;
}

const placesNamed = (field, name) =>
  fetch(field.dataset.finds + encodeURIComponent(name))
    .then((answer) => (answer.ok ? answer.json() : null))
    .catch(() => null);

function optionOf(field, hit, at) {
  const option = document.createElement('li');
  Object.assign(option, { id: `${field.id}-hit-${at}`, role: 'option', textContent: hit.name });
  option.setAttribute('aria-selected', 'false');
  return option;
}

function unfold(field, open) {
  field.setAttribute('aria-expanded', open);
  hitsOf(field).hidden = !open;
  pointAt(field, -1);
}

let isPressing = false; // whether a button of the mouse is down

// Folded at once, the list would pull away from under a press what stands below it, and the press would do nothing.
function foldLeft(field) {
  const fold = () => isOpen(field) && document.activeElement !== field && unfold(field, false);
  if (isPressing) document.addEventListener('mouseup', () => setTimeout(fold), { once: true });
  else fold();
}

function pointAt(field, at) {
  finders.get(field).at = at;
  const options = all('[role=option]', hitsOf(field));
  for (const [place, option] of options.entries()) option.setAttribute('aria-selected', place === at);
  if (options[at]) field.setAttribute('aria-activedescendant', options[at].id);
  else field.removeAttribute('aria-activedescendant');
  options[at]?.scrollIntoView({ block: 'nearest' });
}

// The key Enter never sends the form from here: what was found would go by unread.
async function steer(event) {
  const field = event.target;
  const finder = finders.get(field);
  if (!finder || event.isComposing) return;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const count = finder.hits.length;
  if (step && count > 0) {
    event.preventDefault();
    if (!isOpen(field)) unfold(field, true);
    const from = finder.at < 0 && step < 0 ? 0 : finder.at;
    pointAt(field, (from + step + count) % count);
  } else if (event.key === 'Escape' && isOpen(field)) {
    event.preventDefault();
    unfold(field, false);
  } else if (event.key === 'Enter') {
    event.preventDefault();
    clearTimeout(finder.wait);
    const isNew = finder.name !== field.value.trim();
    // Without an answer the server makes the page anew, as it does without a script.
    if (isNew && !(await find(field))) return field.form.requestSubmit(field.parentElement.querySelector('button'));
    if (finder.name !== field.value.trim()) return; // typed on while the answer came
    const hit = finder.hits[finder.at] ?? (finder.hits.length === 1 ? finder.hits[0] : null);
    if (hit) await takeHit(field, hit);
    else if (finder.hits.length > 0) unfold(field, true), pointAt(field, 0);
  }
}

function pressHit(option) {
  const field = document.querySelector(`[aria-controls="${CSS.escape(option.parentElement.id)}"]`);
  takeHit(field, finders.get(field).hits[all('[role=option]', option.parentElement).indexOf(option)]);
}

// Fills in the three lists, and goes to the first that is left to choose from.
async function takeHit(field, { codes: [code, ...below], said }) {
  forgetName(field);
  const first = document.getElementById(field.dataset.fills);
  first.value = code;
  await followPlace(first, below);
  // Said only when it is so: the lists may have to be fetched.
  say(field, said);
  const lists = all('select', field.closest('fieldset')).filter((list) => !list.parentElement.hidden);
  (lists.find((list) => !list.value) ?? lists.at(-1)).focus();
}

function forgetName(field) {
  clearTimeout(finders.get(field).wait);
  field.value = '';
  Object.assign(finders.get(field), { name: '', hits: [] });
  hitsOf(field).replaceChildren();
  unfold(field, false);
  say(field, '');
}

// What is chosen from the lists is meant, and no name that was typed before.
function choosePlace(select) {
  const field = select.closest('fieldset').querySelector('[data-finds]');
  if (field) forgetName(field);
  followPlace(select);
}

// The camera as a scanner

function offerScan(button) {
  if (navigator.mediaDevices?.getUserMedia) button.hidden = false;
}

async function scan(button) {
  if (button.getAttribute('aria-disabled') === 'true') return;
  button.setAttribute('aria-disabled', 'true');
  let camera;
  try {
    camera = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
  } catch {
    // Refused or busy: the code can be typed, and the button says nothing untrue any longer.
    button.hidden = true;
    return toScanner();
  } finally {
    button.removeAttribute('aria-disabled');
  }
  // The page may have renewed itself while its person was asked for the camera.
  const form = document.querySelector('[data-scan]').closest('form');
  const dialog = document.querySelector('dialog[data-scanner]');
  const video = dialog.querySelector('video');
  const closed = new AbortController();
  const end = () => {
    camera.getTracks().forEach((track) => track.stop());
    closed.abort();
  };
  dialog.addEventListener('close', end, { once: true });
  dialog.showModal();
  video.srcObject = camera;
  await video.play().catch(() => {});
  const text = await readCode(video, form, closed.signal);
  if (dialog.open) dialog.close();
  if (!text) return;
  setField(form, 'code', text);
  form.requestSubmit();
}

// A few looks a second save the battery.
async function readCode(video, form, closed) {
  const detector = await ownDetector();
  const look = detector ? () => detector.detect(video) : () => askServer(video, form, closed);
  while (!closed.aborted) {
    const [code] = await look().catch(() => []);
    if (code?.rawValue && !closed.aborted) return code.rawValue;
    await new Promise((resolve) => setTimeout(resolve, detector ? LOOK_EVERY_MS : SEND_EVERY_MS));
  }
  return null;
}

// Not every browser reads codes, and some that say so have no reader for this kind.
async function ownDetector() {
  if (!('BarcodeDetector' in window)) return null;
  const formats = await BarcodeDetector.getSupportedFormats().catch(() => []);
  return formats.includes('qr_code') ? new BarcodeDetector({ formats: ['qr_code'] }) : null;
}

const canvas = document.createElement('canvas');

// The server reads what the browser cannot. It is sent the square in the middle, which is what the dialog shows.
async function askServer(video, form, closed) {
  const { videoWidth: width, videoHeight: height } = video;
  const side = Math.min(width, height);
  if (!side) return [];
  const sent = Math.min(side, SENT_SIDE_PX);
  canvas.width = canvas.height = sent;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  context.drawImage(video, (width - side) / 2, (height - side) / 2, side, side, 0, 0, sent, sent);
  const answer = await fetch(`/staff/scan?width=${sent}&height=${sent}`, {
    method: 'POST',
    mode: 'same-origin',
    headers: {
      accept: 'application/json',
      'content-type': 'application/octet-stream',
      'x-form-mark': form.elements.namedItem('mark').value,
    },
    body: greyOf(context.getImageData(0, 0, sent, sent).data),
    signal: closed,
  });
  if (answer.status === 401 || answer.status === 403) {
    // Signed out meanwhile: the page itself goes to where the server wants it.
    video.closest('dialog').close();
    location.assign(location.pathname);
  }
  if (!answer.ok) return [];
  const { text } = await answer.json();
  return [{ rawValue: text }];
}

// The luma of red, green and blue as ITU-R BT.601 weighs them, in 256ths.
function greyOf(colours) {
  const grey = new Uint8Array(colours.length / 4);
  for (let at = 0; at < grey.length; at++) {
    grey[at] = (77 * colours[4 * at] + 150 * colours[4 * at + 1] + 29 * colours[4 * at + 2]) >> 8;
  }
  return grey;
}

// The keyboard scanner of the desk types like a person, so its field has the focus whenever nothing else has. Focus is
// never taken from a control: whoever works by keyboard goes where they want.
const scannerField = () => document.querySelector('input[data-scanner-field]');
const nothingFocused = () => !document.activeElement || ['BODY', 'MAIN'].includes(document.activeElement.tagName);

function focusScanner() {
  const reading = !getSelection().isCollapsed || document.querySelector('dialog[open]');
  if (nothingFocused() && !reading) toScanner();
}

// What stands in the field is selected, so that the next scan takes its place and is not typed behind it.
function toScanner() {
  const field = scannerField();
  field?.focus({ preventScroll: true });
  field?.select();
}

// The first character of a scan brings the field into focus, in time for the character itself to land there.
function catchScan(event) {
  const typed = event.key?.length === 1 && event.key !== ' ' && !event.ctrlKey && !event.metaKey && !event.altKey;
  const editable = document.activeElement?.matches('input, textarea, select, dialog *');
  if (typed && !editable) toScanner();
}

// Pages that renew themselves: the day of the desk, the calling display

let shown = ''; // <main> as the server last sent it, as far as people notice

// What differs each time and is no news: the names of forms, and the time on a clock, which goes by itself.
function noticeable(main) {
  const copy = main.cloneNode(true);
  for (const input of all('input[type=hidden][name=once], input[type=hidden][name=mark]', copy)) input.removeAttribute('value');
  for (const clock of all('[data-clock]', copy)) clock.replaceWith();
  return copy.innerHTML;
}

let nextLook = 0;
function keepFresh() {
  clearTimeout(nextLook);
  const main = document.querySelector('main[data-refresh]');
  if (!main) return;
  const wait = Math.max(REFRESH_LEAST_S, Number(main.dataset.refresh) || 0) * 1_000;
  nextLook = setTimeout(async () => {
    if (!document.hidden && !busy(main)) await renew(main);
    keepFresh();
  }, wait);
}

// Nothing is pulled from under hands that type, choose or have just pressed something.
function busy(main) {
  const changed = ({ type, value, defaultValue, checked, defaultChecked }) =>
    type === 'checkbox' || type === 'radio' ? checked !== defaultChecked : value !== defaultValue;
  return (
    Date.now() - lastAct < QUIET_MS ||
    sent.size > 0 ||
    document.querySelector('dialog[open]') !== null ||
    all('input:not([type=hidden]), textarea', main).some(changed) ||
    (touched && document.activeElement?.tagName === 'SELECT')
  );
}

// A band that has become full, or free again, offers something else now: the server knows what.
let renewOwed = false;
function renewSoon() {
  if (renewOwed) return;
  renewOwed = true;
  const attempt = async () => {
    const main = document.querySelector('main');
    if (document.hidden || busy(main)) return setTimeout(attempt, RENEW_WAIT_MS);
    renewOwed = false;
    await renew(main);
  };
  attempt();
}

async function renew(main) {
  try {
    const answer = await fetch(location.href, { headers: { accept: 'text/html' }, cache: 'no-store' });
    // Signed out meanwhile: the page itself goes to where the server wants it.
    if (answer.redirected) return location.reload();
    if (!answer.ok) throw new Error(String(answer.status));
    const text = await answer.text();
    const fresh = new DOMParser().parseFromString(text, 'text/html').querySelector('main');
    if (!fresh) throw new Error('no main');
    warnStale(false);
    setClocks(main, fresh);
    // The same is not drawn anew, else a call on the display would flash and be read aloud for ever.
    if (noticeable(fresh) !== shown && !busy(main)) exchange(main, fresh);
  } catch {
    warnStale(true);
  }
}

function exchange(main, fresh) {
  shown = noticeable(fresh);
  const focused = document.activeElement;
  const place = main.contains(focused) ? controls(main).indexOf(focused) : -1;
  const opened = all('details[id][open]', main).map(({ id }) => id);
  // What has been said once is not said again, because a page was drawn anew for something else.
  for (const notice of all('[role=status], [role=alert]', fresh)) {
    if (main.textContent.includes(notice.textContent)) notice.removeAttribute('role');
  }
  main.replaceWith(fresh);
  for (const id of opened) document.getElementById(id)?.setAttribute('open', '');
  enliven(fresh);
  const same = (focused?.id && document.getElementById(focused.id)) || controls(fresh)[place];
  if (place >= 0 && same) same.focus({ preventScroll: true });
  focusScanner();
}

const controls = (root) => all('a[href], button, input:not([type=hidden]), select, textarea, summary', root);

// Old calls shown as if they were true are worse than a display that says it is cut off.
function warnStale(stale) {
  for (const notice of all('[data-stale]')) notice.hidden = !stale;
}

// Start

function enliven(root) {
  all('[data-countdown]', root).forEach(startCountdown);
  all('[data-clock]', root).forEach(startClock);
  all('[data-scan]', root).forEach(offerScan);
  all('[data-copy]', root).forEach(offerCopy);
  all('[data-finds]', root).forEach(offerSearch);
  openStreams();
  tick();
}

// To the line of a text in which something is wrong.
function toLine(link, event) {
  const field = document.getElementById(link.hash.slice(1));
  const lines = field?.value?.split('\n');
  if (!lines) return;
  event.preventDefault();
  const before = Number(link.dataset.line) - 1;
  const start = lines.slice(0, before).reduce((sum, line) => sum + line.length + 1, 0);
  field.focus();
  field.setSelectionRange(start, start + (lines[before]?.length ?? 0));
  field.scrollTop = (before / lines.length) * field.scrollHeight - field.clientHeight / 2;
  field.scrollIntoView({ block: 'nearest' });
}

const PRESSED = [
  ['a[data-line]', toLine],
  ['[data-place-button]', usePlace],
  ['[data-scan]', scan],
  ['[data-copy]', copy],
  ['[data-print]', () => print()],
  ['[role=option]', pressHit],
];

function press(event) {
  for (const [selector, act] of PRESSED) {
    const button = event.target.closest(selector);
    if (button) return act(button, event);
  }
  return focusScanner();
}

document.documentElement.classList.add('script');
document.addEventListener('click', press);
document.addEventListener('submit', sendOnce);
document.addEventListener('submit', sendInPlace);
document.addEventListener('input', ({ target }) => {
  touched = true;
  findSoon(target);
});
document.addEventListener('change', ({ target }) => target.matches?.('.places select') && choosePlace(target));
document.addEventListener('keydown', steer);
// A press on the list must not take the focus from its field, or the list would be gone before it is chosen from.
document.addEventListener('mousedown', (event) => event.target.closest?.('[role=listbox]') && event.preventDefault());
document.addEventListener('focusout', ({ target }) => finders.has(target) && foldLeft(target));
for (const act of ['mousedown', 'mouseup']) document.addEventListener(act, () => (isPressing = act === 'mousedown'), true);
document.addEventListener('visibilitychange', followVisibility);
for (const act of ['keydown', 'pointerdown']) document.addEventListener(act, () => (lastAct = Date.now()), true);
document.addEventListener('keydown', catchScan);
addEventListener('pageshow', allowAgain);
addEventListener('beforeunload', guardTyped);
// An open connection would keep the page from being remembered for "back".
addEventListener('pagehide', () => closeStreams());
addEventListener('pageshow', openStreams);

const first = document.querySelector('main');
if (first) shown = noticeable(first);
enliven(document);
setInterval(tick, 1_000);
keepFresh();
const errors = document.querySelector('.errors, .notice[role=alert][tabindex]');
// A field that an address leads to is there to be filled in: a new person's name, an answer that is changed.
const led = document.getElementById(location.hash.slice(1));
if (errors) errors.focus();
else if (led?.matches('input, select')) led.focus();
else focusScanner();
