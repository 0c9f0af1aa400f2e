import { Navigate, useLocation } from "react-router";
import { nearest, resolveAlias } from "./addresses.js";

export function AddressGate({ aliases, children }) {
  const { pathname, search, hash } = useLocation();
  const target = resolveAlias(aliases, pathname, search.slice(1), hash.slice(1));
  return target ? <Navigate to={target} replace /> : children;
}

export function UnknownAddress() {
  return useLocation().pathname;
}

export function NearestPages({ aliases, pages, count }) {
  const { pathname } = useLocation();
  return nearest(aliases, pages, pathname, count).map((page) => (
    <li key={page.href}>
      <a href={page.href}>{page.title}</a> <code>{page.href}</code>
    </li>
  ));
}
