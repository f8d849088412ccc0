
'use strict';
// A reading a second from /events. Figures "a request" and "per second" are of the time between two readings.
const longest = 900, shortest = 60; // seconds on the charts
const history = [];
let last = null;

const element = id => document.getElementById(id);
const write = (id, text) => { element(id).textContent = text; };
const digits = (number, places = 0) => number.toLocaleString('en', { minimumFractionDigits: places, maximumFractionDigits: places });
const meanings = {
  Normal: () => 'Ready. Nothing to do.',
  Warning: r => `Ready. It drains from ${digits(100 * r.drainAt, 1)} % on.`,
  Draining: () => 'Not ready: balancers send no new traffic, and connections close after their next answer.',
  Due: () => 'Not live: waiting for the orchestrator to restart it.',
};

function size(bytes) {
  const units = ['B', 'KiB', 'MiB', 'GiB'];
  let unit = 0;
  for (; bytes >= 1024 && unit < units.length - 1; unit++) bytes /= 1024;
  return `${digits(bytes, unit > 0 && bytes < 100 ? 1 : 0)} ${units[unit]}`;
}

function duration(seconds) {
  if (seconds === null) return 'not filling';
  if (seconds < 120) return `${digits(seconds)} s`;
  if (seconds < 7200) return `${digits(seconds / 60)} min`;
  return seconds < 172800 ? `${digits(seconds / 3600)} h` : `${digits(seconds / 86400)} d`;
}

function heapBudget(heap) {
  const used = `${size(heap.used)} of ${size(heap.limit)}`;
  return heap.state === 'Active' ? used : `${used}, ${heap.state.toLowerCase()}`;
}

function take(reading) {
  const { stats, process } = reading, arena = stats.processArena, fill = 100 * arena.utilization;
  // A restarted container keeps its name and its process id, and its uptime may have passed the old one's before anybody looks.
  const same = last !== null && last.instance === reading.instance;
  const seconds = same ? reading.uptimeSeconds - last.uptimeSeconds : 0;
  const requests = same ? stats.requests - last.stats.requests : 0;
  const rate = seconds > 0 ? requests / seconds : 0;
  const each = (now, before) => (requests > 0 ? digits(Math.max(0, now - before) / requests) : '–');

  document.body.dataset.phase = stats.restartPhase;
  write('process', `${process}, ${stats.front} front, reclamation ${stats.reclamation}, up ${duration(reading.uptimeSeconds)}`);
  write('fill', `${digits(fill, 1)} %`);
  write('used', `${size(arena.used)} of ${size(arena.capacity)}`);
  write('phase', stats.restartPhase);
  // Only when it changes: a screen reader would say it again every second.
  const meaning = (meanings[stats.restartPhase] || (() => ''))(reading);
  if (element('phase-means').textContent !== meaning) write('phase-means', meaning);
  write('time-to-full', duration(stats.timeToFullSeconds));
  write('requests', digits(stats.requests));
  write('collections', `${stats.gc.gen0} / ${stats.gc.gen1} / ${stats.gc.gen2}`);
  element('heap-row').hidden = !stats.heap;
  if (stats.heap) write('heap', heapBudget(stats.heap));
  for (const name of ['container', 'gc']) {
    const source = stats.memory.find(source => source.source === name);
    element(`${name}-row`).hidden = !source;
    if (source) write(name, `${digits(100 * source.used / source.limit, 1)} % of ${size(source.limit)}`);
  }
  if (same) {
    write('rate', digits(rate));
    write('arena-bytes', each(arena.used, last.stats.processArena.used));
    write('managed-bytes', each(stats.managedBytesAllocated, last.stats.managedBytesAllocated));
  }

  const at = performance.now() / 1000;
  history.push({ at, fill, rate: same ? rate : null, restarted: last !== null && !same });
  while (at - history[0].at > longest) history.shift();
  last = reading;
  gauge(reading, fill);
  charts(reading);
}

function gauge(reading, fill) {
  element('gauge-value').style.strokeDasharray = `${Math.min(fill, 100)} 200`;
  element('gauge').setAttribute('aria-valuenow', digits(fill, 1));
  element('gauge-ticks').replaceChildren(...[reading.warnAt, reading.drainAt, reading.liveAt].map(share => {
    const angle = Math.PI * (1 - share), x = Math.cos(angle), y = -Math.sin(angle);
    return shape('line', { x1: 100 + 71 * x, y1: 104 + 71 * y, x2: 100 + 90 * x, y2: 104 + 90 * y });
  }));
}

function charts(reading) {
  const newest = history[history.length - 1], rates = history.map(point => point.rate || 0), highest = Math.max(...rates);
  chart('fill-chart', 'fill', 100, [0, 25, 50, 75, 100],
    [['live', reading.liveAt], ['drain', reading.drainAt], ['warn', reading.warnAt]].map(([name, share]) => [name, 100 * share]));
  element('fill-chart').setAttribute('aria-label', `Arena fill: now ${digits(newest.fill, 1)} percent, ${reading.stats.restartPhase}`);
  const top = ceiling(highest);
  chart('rate-chart', 'rate', top, [0, top / 2, top], []);
  element('rate-chart').setAttribute('aria-label', `Requests per second: now ${digits(newest.rate || 0)}, at most ${digits(highest)}`);
}

// The next of 2, 4, 10, 20, 40, 100, ...: halves of these are round as well.
function ceiling(value) {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
  return power * [1, 2, 4, 10].find(step => step * power >= value && step * power > 1);
}

function chart(id, key, top, grid, thresholds) {
  const svg = element(id), width = svg.clientWidth, height = svg.clientHeight, left = 44, right = width - 84, bottom = height - 18;
  const now = history[history.length - 1].at, span = Math.min(longest, Math.max(shortest, now - history[0].at));
  const x = at => right - (right - left) * (now - at) / span, y = value => bottom - (bottom - 8) * value / top;
  const shapes = grid.flatMap(value => [
    shape('line', { class: 'grid', x1: left, x2: right, y1: y(value), y2: y(value) }),
    shape('text', { x: left - 6, y: y(value) + 4, 'text-anchor': 'end' }, digits(value)),
  ]);
  shapes.push(shape('text', { x: left, y: height - 3 }, `${duration(span)} ago`), shape('text', { x: right, y: height - 3, 'text-anchor': 'end' }, 'now'));

  // A new process begins a new curve.
  let run = [];
  const runs = [run];
  for (const point of history) {
    if (point.restarted) {
      runs.push(run = []);
      shapes.push(shape('line', { class: 'restart', x1: x(point.at), x2: x(point.at), y1: 8, y2: bottom }),
        shape('text', { x: x(point.at) + 4, y: y(0.62 * top) }, 'restart'));
    }
    if (point[key] !== null) run.push(`${x(point.at).toFixed(1)},${y(point[key]).toFixed(1)}`);
  }
  for (const points of runs.filter(points => points.length > 1)) {
    const from = points[0].split(',')[0], to = points[points.length - 1].split(',')[0];
    shapes.push(shape('polygon', { class: 'area', points: `${from},${bottom} ${points.join(' ')} ${to},${bottom}` }),
      shape('polyline', { class: 'curve', points: points.join(' ') }));
  }
  let label = 0; // below the one above, however close the thresholds are
  for (const [name, value] of thresholds) {
    label = Math.max(y(value) + 4, label + 12);
    shapes.push(shape('line', { class: `threshold ${name}`, x1: left, x2: right, y1: y(value), y2: y(value) }),
      shape('text', { x: right + 6, y: label, class: name }, `${name} ${digits(value, 1)} %`));
  }
  svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
  svg.replaceChildren(...shapes);
}

function shape(name, attributes, text) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

function connect() {
  const source = new EventSource('/events');
  source.onmessage = event => take(JSON.parse(event.data));
  source.onerror = () => {
    write('process', 'no connection; trying again…');
    // A browser gives up for good on an answer that is no event stream, such as a balancer's 503.
    if (source.readyState === EventSource.CLOSED) setTimeout(connect, 1000);
  };
}

connect();

// So that there is something to see. A browser has six connections for a host, and one of them carries the readings.
const senders = 4;
let sending = false;

async function send() {
  while (sending) {
    try {
      await (await fetch('/headers', { cache: 'no-store' })).text();
    } catch {
      await new Promise(resolve => setTimeout(resolve, 500)); // a restart
    }
  }
}

element('load').addEventListener('click', () => {
  sending = !sending;
  write('load', sending ? 'Stop sending' : 'Send requests');
  element('load').setAttribute('aria-pressed', sending);
  if (sending) for (let i = 0; i < senders; i++) send();
});
