import { useEffect } from "react";
import { useLocation, useNavigate } from "react-router";
import { sendLinksToBackend } from "$/public/islands/backend.js";
import { keepTenants } from "$/public/islands/tenant.js";

/**
 * Follows the console's links without loading the document: one listener for all of them. A component per link costs
 * a list of 50 rows hundreds of them, and each is drawn again whenever the address changes.
 *
 * Left to the browser: other sites, downloads, anchors of this page, and clicks for a new tab or window.
 * `data-replace` puts the address in place of the current one, `data-keep-scroll` leaves the page where it is.
 * To the page of one thing (its path fits one of `things`) the tenants of this address are taken along, for the way on.
 * Links into the REST interface (`api`, its prefixes) lead to the server, wherever that is.
 */
export function Links({ things = [], api = [] }) {
  const navigate = useNavigate();
  const { pathname, search, hash } = useLocation();
  useEffect(() => sendLinksToBackend(document.body, api), [api]);
  const here = pathname + search + hash;
  useEffect(() => {
    const follow = (event) => {
      const link = event.target.closest?.("a[href]");
      if (!link || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
      if (link.target || link.hasAttribute("download") || link.origin !== location.origin || link.getAttribute("href").startsWith("#")) return;
      event.preventDefault();
      const address = link.pathname + link.search + link.hash;
      const to = things.some((thing) => new RegExp(thing).test(link.pathname)) ? keepTenants(address, location.search) : address;
      navigate(to, { replace: "replace" in link.dataset || to === here, preventScrollReset: "keepScroll" in link.dataset });
    };
    document.addEventListener("click", follow);
    return () => document.removeEventListener("click", follow);
  }, [navigate, here, things]);
  return null;
}
