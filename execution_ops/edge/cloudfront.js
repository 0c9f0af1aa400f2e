// Made by `execution-ops export-site` from the URL table: a function of Amazon CloudFront for the event
// viewer-request, runtime cloudfront-js-2.0. The same algorithm as in assets/addresses.js.
const PAGES = [];
const REDIRECTS = [];
const HIDDEN = [];
const DOT_SEGMENT = /^(\.|%2e){1,2}$/i;
const UNSAFE = /[^A-Za-z0-9_.~%!$&'()*+,;=:@-]+/g;
const NOWHERE = "/_edge/none";

function segmentsOf(path) {
  return path.split("/").filter(function (segment) {
    return segment !== "";
  });
}

function oldAddress(path) {
  if (path[0] !== "/" || path[1] === "/") return null;
  const segments = segmentsOf(path);
  for (const segment of segments) if (DOT_SEGMENT.test(segment)) return null;
  for (const [source, target, most] of REDIRECTS) {
    const prefix = segmentsOf(source);
    const tail = segments.slice(prefix.length);
    const same = prefix.every(function (part, index) {
      return segments[index] === part;
    });
    if (same && (most < 0 || tail.length <= most)) {
      return [target]
        .concat(
          tail.map(function (segment) {
            return segment.replace(UNSAFE, encodeURIComponent);
          }),
        )
        .join("/");
    }
  }
  return null;
}

function handler(event) {
  const request = event.request;
  const target = oldAddress(request.uri);
  if (target !== null) {
    const query = request.rawQueryString();
    return {
      statusCode: 308,
      statusDescription: "Permanent Redirect",
      headers: { location: { value: query ? `${target}?${query}` : target }, "cache-control": { value: "no-cache" } },
    };
  }
  for (const [pattern, file] of PAGES) {
    if (new RegExp(pattern).test(request.uri)) {
      request.uri = file;
      return request;
    }
  }
  // Pages answer at their own addresses only. The origin has no such file: the custom error response follows.
  if (new RegExp(HIDDEN[0]).test(request.uri)) request.uri = NOWHERE;
  return request;
}
