// Reads addresses by the tables that execution_ops/routes makes; the same algorithm as there,
// without a table of its own. tests/address_cases.json holds the cases that bind the two.

const DOT_SEGMENT = /^(\.|%2e){1,2}$/i;
const UNSAFE = /[^A-Za-z0-9_.~%!$&'()*+,;=:@-]+/g;

const segmentsOf = (path) => path.split("/").filter(Boolean);
const encode = (segment) => segment.toWellFormed().replace(UNSAFE, encodeURIComponent);

export function resolveAlias(aliases, path, query = "", fragment = "") {
  if (!path.startsWith("/") || path.startsWith("//")) return null;
  const segments = segmentsOf(path);
  if (segments.some((segment) => DOT_SEGMENT.test(segment))) return null;
  for (const alias of aliases) {
    const prefix = segmentsOf(alias.prefix);
    const tail = segments.slice(prefix.length);
    const allowed = { none: 0, one: 1, any: tail.length }[alias.tail];
    if (prefix.every((part, index) => segments[index] === part) && tail.length <= allowed) {
      const target = [alias.target, ...tail.map(encode)].join("/");
      return target + (query ? `?${query}` : "") + (fragment ? `#${fragment}` : "");
    }
  }
  return null;
}

function pairsOfLetters(path) {
  const text = path.toLowerCase().replace(/\/+$/, "");
  const pairs = new Map();
  for (let index = 0; index + 1 < text.length; index++) {
    const pair = text.slice(index, index + 2);
    pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
  }
  return pairs;
}

const total = (pairs) => [...pairs.values()].reduce((sum, count) => sum + count, 0);

export function nearest(aliases, pages, path, count) {
  const wanted = pairsOfLetters(resolveAlias(aliases, path) ?? path);
  const likeness = (page) => {
    const have = pairsOfLetters(page.href);
    let shared = 0;
    for (const [pair, times] of have) shared += Math.min(times, wanted.get(pair) ?? 0);
    return (2 * shared) / (total(wanted) + total(have));
  };
  return pages
    .map((page) => [likeness(page), page])
    .sort(([a], [b]) => b - a)
    .slice(0, count)
    .map(([, page]) => page);
}
