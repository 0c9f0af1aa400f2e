import { useSyncExternalStore } from "react";
import { useLocation } from "react-router";
import { keepTenants } from "$/public/islands/tenant.js";

const never = () => () => {};

/** The query string of the address; in a prerendered page, which has none, only once the browser has taken over. */
export function useSearch() {
  const { search } = useLocation();
  const taken = useSyncExternalStore(never, () => true, () => false);
  return taken ? search : "";
}

/** A link of the navigation: it keeps the tenants that the address narrows to. */
export function KeptLink({ href, className, children, ...rest }) {
  const search = useSearch();
  return (
    <a href={keepTenants(href, search)} className={className} {...rest}>
      {children}
    </a>
  );
}
