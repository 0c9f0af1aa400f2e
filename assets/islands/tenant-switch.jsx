import { useEffect, useRef, useState } from "react";
import { useLocation, useNavigate } from "react-router";
import { Icon } from "$/public/islands/icon.jsx";
import { useSearch } from "$/public/islands/kept-link.jsx";
import { Choice, Menu } from "$/public/islands/overlays.jsx";
import { matching, tenantsOf, withTenant } from "$/public/islands/tenant.js";
import * as words from "$/public/islands/words.js";

const WAIT_MS = 200;

/** The steps of the arrow keys through what can be chosen, the search field being the first. */
function step(event) {
  const way = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!way) return;
  const stops = [...event.currentTarget.querySelectorAll("input, button")];
  stops[Math.min(stops.length - 1, Math.max(0, stops.indexOf(document.activeElement) + way))]?.focus();
  event.preventDefault();
}

function Choices({ names, asked, more, chosen, hint, onSearch, onPick }) {
  const [text, setText] = useState("");
  const input = useRef(null);
  const search = useRef(onSearch);
  useEffect(() => {
    search.current = onSearch;
  });
  useEffect(() => input.current.focus(), []);
  const shown = matching(names, text);
  // All that fitted were here when the page opened; of more than that, or if it came later, the server knows.
  const partial = more || asked !== "" || shown.length === 0;
  useEffect(() => {
    if (!partial || text.trim() === asked) return undefined;
    const timer = setTimeout(() => search.current?.(text.trim()), WAIT_MS);
    return () => clearTimeout(timer);
  }, [text, partial, asked]);
  return (
    <div className="tenants" onKeyDown={step}>
      <input
        ref={input}
        type="search"
        className="in"
        placeholder={words.FIND_A_TENANT}
        aria-label={words.FIND_A_TENANT}
        autoComplete="off"
        spellCheck={false}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => event.key === "Enter" && shown.length > 0 && onPick(shown[0])}
      />
      {hint && <p className="help">{hint}</p>}
      <div className="names">
        <Choice on={chosen.length === 0} onPick={() => onPick("")}>
          {words.ALL_TENANTS}
        </Choice>
        {shown.map((name) => (
          <Choice key={name} on={chosen.includes(name)} onPick={() => onPick(name)}>
            {name}
          </Choice>
        ))}
      </div>
      <p className="help" role="status">
        {shown.length === 0 ? words.NO_SUCH_TENANT : more ? words.firstTenants(names.length) : ""}
      </p>
    </div>
  );
}

/**
 * Narrows the pages to one tenant by the address (`tenant=`), and nothing else.
 * `several` is whether the viewer sees more than one, `names` are those that match `asked` as far as they fit (`more`),
 * `applies` whether this page lists by tenant; where it does not, the choice is only carried on.
 */
export function TenantSwitch({ several = false, names = [], asked = "", more = false, applies = false, onSearch }) {
  const search = useSearch();
  const navigate = useNavigate();
  const location = useLocation();
  if (!several) return null;
  const chosen = tenantsOf(search);
  const word = chosen.length === 0 ? words.ALL_TENANTS : chosen.length === 1 ? chosen[0] : words.tenants(chosen.length);
  const hint = applies ? "" : words.NOT_NARROWED;
  const text = (
    <>
      <span className="sr">{words.tenant(word)}</span>
      <span className="trunc" aria-hidden="true">
        {word}
      </span>
      <Icon name="chevron-down" size={12} />
    </>
  );
  const pick = (name) => navigate(location.pathname + withTenant(location.search, name) + location.hash);
  return (
    <div className={`tenant${chosen.length && applies ? " on" : ""}`}>
      <Menu key={location.key} label={words.tenant(word)} icon="user" text={text} trigger="btn">
        <Choices names={names} asked={asked} more={more} chosen={chosen} hint={hint} onSearch={onSearch} onPick={pick} />
      </Menu>
    </div>
  );
}
