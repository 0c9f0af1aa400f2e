import { useEffect, useId, useMemo, useRef, useState } from "react";
import { useLocation, useNavigate } from "react-router";
import { useConnection } from "$/public/islands/connection.js";
import { Icon } from "$/public/islands/icon.jsx";
import { CloseButton, Modal } from "$/public/islands/overlays.jsx";
import { asksForIds, rank, sections } from "$/public/islands/palette-match.js";
import { verbsHere, watchVerbs } from "$/public/islands/page-verbs.js";
import { keepTenants } from "$/public/islands/tenant.js";
import * as words from "$/public/islands/words.js";

const WAIT_MS = 200;

function Entry({ entry, id, on, onPick, onPoint }) {
  const keys = (entry.keys ?? "").split(" ").filter(Boolean);
  return (
    // The pointer must not take the focus from the input.
    <div
      className="opt"
      role="option"
      id={id}
      aria-selected={on}
      aria-disabled={entry.off ? true : undefined}
      onPointerDown={(event) => event.preventDefault()}
      onPointerMove={onPoint}
      onClick={onPick}
    >
      <Icon name={entry.icon || "corner-down-right"} />
      <span className="what">{entry.label}</span>
      <span className="also trunc">{entry.also}</span>
      {entry.off ? (
        <span className="why-off">{entry.off}</span>
      ) : (
        <span className="row">
          {keys.map((key) => (
            <kbd key={key}>{key}</kbd>
          ))}
          {entry.kind && <span className="meta">{entry.kind}</span>}
        </span>
      )}
    </div>
  );
}

function Body({ verbs, pages, found, answered, trouble, onFind, onPick, onClose }) {
  const id = useId();
  const [text, setText] = useState("");
  const [key, setKey] = useState("");
  const { lost } = useConnection();
  const find = useRef(onFind);
  const list = useRef(null);
  useEffect(() => {
    find.current = onFind;
  });
  const typed = text.trim();
  const asking = useMemo(() => asksForIds(typed, rank([...verbs, ...pages], typed).length), [verbs, pages, typed]);
  const known = asking && answered === typed;
  useEffect(() => {
    if (!asking || known || lost !== null) return undefined;
    const timer = setTimeout(() => find.current?.(typed), WAIT_MS);
    return () => clearTimeout(timer);
  }, [typed, asking, known, lost]);
  const parts = useMemo(() => sections(verbs, pages, known ? found : [], text), [verbs, pages, known, found, text]);
  const entries = parts.flatMap((part) => part.entries);
  const at = Math.max(0, entries.findIndex((entry) => entry.key === key));
  const active = entries[at];
  useEffect(() => {
    list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [active?.key]);
  const move = (step) => entries.length && setKey(entries[(at + step + entries.length) % entries.length].key);
  const steps = {
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    PageDown: () => setKey(entries[Math.min(entries.length - 1, at + 8)]?.key),
    PageUp: () => setKey(entries[Math.max(0, at - 8)]?.key),
    Enter: () => active && onPick(active),
    // The list is not reached by Tab, and nothing else in here needs it.
    Tab: () => {},
  };
  const onKeyDown = (event) => {
    if (event.nativeEvent.isComposing) return;
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") onClose();
    else if (Object.hasOwn(steps, event.key)) steps[event.key]();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const waiting = asking && !known && lost === null;
  let said = entries.length ? words.entries(entries.length) : words.nothingCalled(typed);
  if (waiting) said = words.lookingFor(typed);
  else if (asking && lost !== null) said = words.NO_IDS_NOW;
  else if (known && trouble) said = trouble;
  else if (known && !found.length) said = entries.length ? words.noId(typed) : words.noIdEither(typed);
  return (
    <>
      <div className="pal-in">
        <Icon name="search" />
        <input
          role="combobox"
          aria-label={words.FIND}
          aria-expanded={entries.length > 0}
          aria-controls={`${id}list`}
          aria-autocomplete="list"
          aria-activedescendant={active ? `${id}${active.key}` : undefined}
          aria-describedby={`${id}said`}
          placeholder={words.FIND}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setKey("");
          }}
          onKeyDown={onKeyDown}
        />
        <kbd className="only-d">Esc</kbd>
        <span className="only-m">
          <CloseButton onClose={onClose} />
        </span>
      </div>
      <div className="pal-list" role="listbox" id={`${id}list`} aria-label={words.FOUND} ref={list}>
        {parts.map((part) => (
          <div role="group" aria-labelledby={`${id}${part.name}`} key={part.name}>
            <div className="pal-head" id={`${id}${part.name}`} role="presentation">
              {part.name}
            </div>
            {part.entries.map((entry) => (
              <Entry
                key={entry.key}
                id={`${id}${entry.key}`}
                entry={entry}
                on={entry === active}
                onPick={() => onPick(entry)}
                onPoint={() => entry.key !== key && setKey(entry.key)}
              />
            ))}
          </div>
        ))}
      </div>
      <p className="pal-foot" id={`${id}said`} role="status">
        {said}
      </p>
    </>
  );
}

/**
 * The command palette: pages ({key, label, also, href, icon, keys}), the verbs of the page as its buttons offer them,
 * and what the server finds by the beginning of an id (`found`, for the text `answered`; `trouble` says what failed).
 * It keeps nothing: closed, it has forgotten what was typed.
 */
export function Palette({ pages, found = [], answered = "", trouble = "", onFind }) {
  const [open, setOpen] = useState(false);
  const [verbs, setVerbs] = useState([]);
  const origin = useRef(null);
  const then = useRef(null);
  const navigate = useNavigate();
  const location = useLocation();
  useEffect(() => setOpen(false), [location]);
  useEffect(() => {
    if (open || !then.current) return;
    // The dialog is closed and the focus is back where it was: only now may another dialog open.
    const next = then.current;
    then.current = null;
    next();
  }, [open]);
  const show = () => {
    origin.current = document.activeElement;
    setVerbs(verbsHere(origin.current));
    setOpen(true);
  };
  // The page goes on behind the palette: what it says of a verb is what the button says now.
  useEffect(() => (open ? watchVerbs(() => setVerbs(verbsHere(origin.current))) : undefined), [open]);
  const pick = (entry) => {
    if (entry.off) return;
    then.current = entry.element ? () => entry.element.click() : () => navigate(keepTenants(entry.href, window.location.search));
    setOpen(false);
  };
  return (
    <>
      <button
        type="button"
        className="btn find"
        aria-label={words.FIND_OR_DO_WHAT}
        title={words.FIND_BY_KEY}
        aria-haspopup="dialog"
        aria-keyshortcuts="Control+K"
        data-palette=""
        onClick={show}
      >
        <Icon name="search" />
        <span className="grow">{words.FIND_OR_DO}</span>
        <kbd>Ctrl K</kbd>
      </button>
      <Modal open={open} onClose={() => setOpen(false)} look="palette" label={words.PALETTE}>
        <Body verbs={verbs} pages={pages} found={found} answered={answered} trouble={trouble} onFind={onFind} onPick={pick} onClose={() => setOpen(false)} />
      </Modal>
    </>
  );
}
