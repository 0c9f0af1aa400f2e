"""How the compiled frontend finds its server, and what makes another build necessary."""

from __future__ import annotations

from pathlib import Path

import pytest

from execution_ops import frontend
from execution_ops.frontend import same_origin, with_api_proxy, with_few_chunks
from execution_ops.routes import API
from execution_ops.static_site import policy


def test_baked_addresses_become_the_origin_of_the_server() -> None:
    baked = 'var e={PING:`http://localhost:8000/ping`,EVENT:"ws://localhost:8000/_event",TRANSPORT:`websocket`};'
    assert same_origin(baked) == (
        'var e={PING:(globalThis.EXECUTION_OPS_BACKEND??location.origin)+"/ping",'
        'EVENT:(globalThis.EXECUTION_OPS_BACKEND??location.origin).replace(/^http/,"ws")+"/_event",'
        "TRANSPORT:`websocket`};"
    )


def test_a_chunk_without_an_address_is_an_error() -> None:
    with pytest.raises(ValueError, match="no address"):
        same_origin("var e={};")


def test_the_development_server_sends_the_api_on_to_the_newest_backend() -> None:
    config = "export default {\n  server: {\n    port: 1,\n  },\n}"
    first = with_api_proxy(config, "http://127.0.0.1:1")
    assert f'"{API}": "http://127.0.0.1:1"' in first
    assert with_api_proxy(first, "http://127.0.0.1:2") == with_api_proxy(config, "http://127.0.0.1:2")
    with pytest.raises(ValueError, match="no server section"):
        with_api_proxy("export default {}", "http://127.0.0.1:1")


def test_packages_and_islands_are_a_file_each_however_often_it_is_built() -> None:
    config = "        codeSplitting: {\n          groups: [\n            {},\n          ],\n        },\n"
    first = with_few_chunks(config)
    assert (first.count('name: "islands"'), first.count('name: "vendor"')) == (1, 1)
    assert first.endswith("            {},\n          ],\n        },\n")
    assert with_few_chunks(first) == first
    with pytest.raises(ValueError, match="no groups"):
        with_few_chunks("export default {}")


def test_a_build_is_current_until_a_source_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stamp = tmp_path / "stamp"
    monkeypatch.setattr(frontend, "ROOT", tmp_path)
    monkeypatch.setattr(frontend, "_STAMP", stamp)
    for name in ("assets/a.js", "execution_ops/pages/p.py", "execution_ops/api/x.py", "rxconfig.py", "reflex.lock/l"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("1")
    assert not frontend.is_current()
    stamp.write_text(frontend.fingerprint())
    assert frontend.is_current()
    (tmp_path / "execution_ops/api/x.py").write_text("2")
    assert frontend.is_current(), "no page is made from the API"
    for name in ("assets/a.js", "execution_ops/pages/p.py", "rxconfig.py", "reflex.lock/l"):
        (tmp_path / name).write_text("2")
        assert not frontend.is_current(), name
        stamp.write_text(frontend.fingerprint())


def test_the_policy_of_a_page_names_its_inline_scripts_only() -> None:
    html = '<script>one</script><script type="module">two</script><script src="/x.js"></script>'
    rules = policy(html, ["ws://127.0.0.1:1"])
    assert rules.count("'sha256-") == 2
    assert "'sha256-dpLDrTVAu4A8Ags67mbNiIcSMjTqDG5xQ8Ct1z/0Me0='" in rules
    assert "connect-src 'self' ws://127.0.0.1:1;" in rules
