// The tenants that the address narrows a page to (`tenant=`), and addresses that keep or change them.

const KEY = "tenant";
// What a tenant can be called; anything else in the address is not carried on.
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

/** The tenants that a query string names, each once. */
export function tenantsOf(search) {
  return [...new Set(new URLSearchParams(search).getAll(KEY))].filter((name) => NAME.test(name));
}

/** The address with the tenants of a query string, unless it names some itself. */
export function keepTenants(href, search) {
  const names = tenantsOf(search);
  const [, path, query, hash] = /^([^?#]*)(?:\?([^#]*))?(#.*)?$/s.exec(href);
  if (!names.length || new URLSearchParams(query ?? "").has(KEY)) return href;
  const pairs = names.map((name) => `${KEY}=${encodeURIComponent(name)}`).join("&");
  return `${path}?${query ? `${query}&` : ""}${pairs}${hash ?? ""}`;
}

/** The query string narrowed to one tenant, "" for all. A cursor points into another list then, so it goes. */
export function withTenant(search, tenant) {
  const rest = [...new URLSearchParams(search)].filter(([key]) => key !== KEY && key !== "cursor");
  const text = new URLSearchParams(tenant ? [...rest, [KEY, tenant]] : rest).toString();
  return text && `?${text}`;
}

/** Names that contain the text, those that begin with it first. */
export function matching(names, text) {
  const lower = text.trim().toLowerCase();
  const hits = names.filter((name) => name.toLowerCase().includes(lower));
  const begins = (name) => name.toLowerCase().startsWith(lower);
  return [...hits.filter(begins), ...hits.filter((name) => !begins(name))];
}
