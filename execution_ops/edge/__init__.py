"""The console as files behind a CDN: the export, and the rules that its servers need, made from the URL table."""
