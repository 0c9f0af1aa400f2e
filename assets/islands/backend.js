// Where the console's server is: where the page came from, unless `backend.js` beside a static export says otherwise.

/** The origin of the server. The environment of the socket reads the same variable. */
export const backendOrigin = () => globalThis.EXECUTION_OPS_BACKEND ?? location.origin;

/** Whether the page is of a static export whose `backend.js` is missing or names no server. */
export const isBackendUnknown = () => globalThis.EXECUTION_OPS_BACKEND_UNKNOWN === true;

const isApart = () => backendOrigin() !== location.origin;

/** An address of the REST interface, at the server. */
export const atBackend = (address) => (isApart() ? backendOrigin() + address : address);

const LINKS = "a[href^='/']";

/**
 * Sends the links below `root` that lead to the REST interface (one of `prefixes`) to the server, now and whenever
 * one is drawn; gives what ends that. Where the server is the page's own, there is nothing to do.
 */
export function sendLinksToBackend(root, prefixes) {
  if (!isApart()) return () => {};
  const isApi = (path) => prefixes.some((prefix) => path === prefix || path.startsWith(`${prefix}/`) || path.startsWith(`${prefix}?`));
  const send = (link) => {
    const address = link.getAttribute("href");
    if (isApi(address)) link.setAttribute("href", atBackend(address));
  };
  const look = (element) => {
    if (element.matches(LINKS)) send(element);
    element.querySelectorAll(LINKS).forEach(send);
  };
  const observer = new MutationObserver((changes) => {
    for (const { target, addedNodes, type } of changes) {
      if (type === "attributes") look(target);
      for (const node of addedNodes) if (node.nodeType === Node.ELEMENT_NODE) look(node);
    }
  });
  observer.observe(root, { subtree: true, childList: true, attributeFilter: ["href"] });
  look(root);
  return () => observer.disconnect();
}
