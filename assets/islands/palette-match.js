// How well a text fits what was typed, and what the palette offers for it. Pure, and without any request.
import * as words from "./words.js";

const ID = /^[A-Za-z0-9][A-Za-z0-9._-]{3,79}$/;
const HEX = /^[0-9a-f][0-9a-f-]*$/i;
const AT_WORD = 100;
const INSIDE = 60;
const SCATTERED = 20;

const isStart = (text, at) => at === 0 || /[^a-z0-9]/.test(text[at - 1]);

function findAtWord(text, word) {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) if (isStart(text, at)) return at;
  return -1;
}

/** Letters in their order with gaps between: the more of them begin a word, the better; null if one is missing. */
function scattered(text, word) {
  let at = -1;
  let starts = 0;
  for (const letter of word) {
    at = text.indexOf(letter, at + 1);
    if (at < 0) return null;
    if (isStart(text, at)) starts += 1;
  }
  // One letter of a word anywhere would match nearly everything.
  return starts * 2 >= word.length ? SCATTERED * (starts / word.length) : null;
}

/** How well the text fits all words of the query, null if one of them does not; more is better. */
export function score(text, query) {
  const lower = text.toLowerCase();
  let sum = 0;
  for (const word of query.toLowerCase().split(/\s+/).filter(Boolean)) {
    const start = findAtWord(lower, word);
    const at = start >= 0 ? start : lower.indexOf(word);
    const points = start >= 0 ? AT_WORD : at >= 0 ? INSIDE : scattered(lower, word);
    if (points === null) return null;
    sum += points - Math.max(0, at) / 10;
  }
  return sum - lower.length / 100;
}

/** The entries ({label, also}) that fit, best first; without a query all in their order. `also` counts half. */
export function rank(entries, query) {
  if (!query.trim()) return entries.map((entry) => ({ entry, points: 0 }));
  const rated = entries.map((entry) => {
    const own = score(entry.label, query);
    const wide = score(`${entry.label} ${entry.also ?? ""}`, query);
    return { entry, points: own ?? (wide === null ? null : wide / 2) };
  });
  return rated.filter((rate) => rate.points !== null).sort((a, b) => b.points - a.points);
}

/** Whether the text can begin an id, so that the server is to be asked: always for what looks like one of ours, and for the name of a worker where nothing else fits. */
export function asksForIds(text, others) {
  const word = text.trim();
  return ID.test(word) && (HEX.test(word) || others === 0);
}

/** The sections for what was typed: the better one first, what was found by id last, so that nothing moves when it comes. */
export function sections(verbs, pages, found, text) {
  const parts = [
    { name: words.DO, hits: rank(verbs, text) },
    { name: words.GO_TO, hits: rank(pages, text) },
  ].filter((part) => part.hits.length > 0);
  const best = (part) => part.hits[0].points;
  const sorted = text.trim() ? parts.sort((a, b) => best(b) - best(a)) : parts;
  const listed = sorted.map(({ name, hits }) => ({ name, entries: hits.map(({ entry }) => entry) }));
  return found.length ? [...listed, { name: words.WITH_THIS_ID, entries: found }] : listed;
}
