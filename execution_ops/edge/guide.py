"""What stands beside the rule files: how each kind of server takes them, and what it can't do."""

from __future__ import annotations

from execution_ops.edge.rules import Rules
from execution_ops.settings import PREFIX

_TEXT = """\
# This export

The files of the console, for any server of files, and rules for the usual ones, made from the URL table.
The pages talk to {backend}.

- The server of the console must know where the pages are: `{prefix}PAGE_ORIGINS={origin}`.
- Sign-in keeps a cookie for the server's host. Browsers send it along only if both are of one site
  (`console.example.org` and `api.example.org`) and both are https.
- Another address of the server: edit `backend.js`; nothing is built anew. The content security policy allows
  {allowed}; for others run `execution-ops export-site --force` again, or name them ahead with `--standby`.
- After an update of the console, export again. Upload `assets/` first and remove its old files last: pages that are
  open still load them.

## nginx

Include `nginx.conf` in the http block. `root` is the directory that was exported to. A path with bytes that no browser
sends as they are, such as a quotation mark, is no old address there, but an unknown one (404).

## Caddy

`caddy run --config Caddyfile`. The first line of the block is the address of the site.

## Cloudflare Pages, Netlify

Publish the directory: `_redirects` and `_headers` are in it. Both compress on their own; the `.br` and `.gz` files may
be left out. A slash at the end of an old address is kept (the page answers at both), empty segments in an old address
are not removed (404, and the page leads on), a missing asset answers 404 with the 404 page. Netlify gives `index.html`
at `/`, which leads on in the browser, and does not document status 308.

## Amazon CloudFront with S3

1. Upload the directory, `assets/` with `--cache-control "public, max-age=31536000, immutable"`. CloudFront compresses
   on its own where the cache policy says so; the `.br` and `.gz` files may be left out.
2. `cloudfront-function.js`: a function with the runtime `cloudfront-js-2.0`, on the event viewer-request.
3. `cloudfront-headers.json`: `aws cloudfront create-response-headers-policy --response-headers-policy-config
   file://cloudfront-headers.json`. The policy has the scripts of all pages in it: CloudFront can't tell them apart.
4. Custom error responses: 403 and 404 → `/404.html` with code 404, minimum TTL 0. They hold for the whole
   distribution, so a missing asset answers 404 with the 404 page, too.

## Any other server of files

Unknown paths → `404.html`, `/a/b` → `/a/b.html`: then every page opens, and old addresses are led on in the browser.
"""


def render(rules: Rules, origin: str) -> str:
    """The README of the rule files. `origin` is where the pages will be, "" if that was not said."""
    return _TEXT.format(
        backend=rules.backends[0],
        prefix=PREFIX,
        origin=origin or "https://…",
        allowed=" and ".join(rules.backends),
    )
