import { useId, useRef, useState } from "react";
import { findField, keyOf, nameOf, splitTyped, suggest, withoutPair, withPair } from "$/public/islands/filter-language.js";
import { Icon } from "$/public/islands/icon.jsx";
import * as words from "$/public/islands/words.js";

const namesOf = (fields) => fields.map((field) => (field.key.endsWith(".") ? `${field.key}key` : nameOf(field))).join(", ");

const typedName = ({ field, key }) => (field.key.endsWith(".") ? key : nameOf(field));

function Token({ token, onDrop }) {
  return (
    <span className="tok">
      <span className="k">{token.label}</span>
      <span className="o">{token.op}</span>
      <span className="v" title={token.text}>
        {token.text}
      </span>
      <button type="button" className="x" aria-label={words.removeFilter(`${token.label} ${token.op} ${token.text}`)} onClick={onDrop}>
        <Icon name="x" size={11} />
      </button>
    </span>
  );
}

function Option({ option, id, on, onPick }) {
  const { field } = option;
  const name = typedName(option);
  return (
    // The pointer must not take the focus from the input.
    <div className="opt" role="option" id={id} aria-selected={on} onPointerDown={(event) => event.preventDefault()} onClick={onPick}>
      <Icon name={field.icon} />
      {option.kind === "field" ? (
        <>
          <b className="mono">{name}:</b>
          <span className="fg2 trunc">{field.help}</span>
          <span className="meta">{field.kind}</span>
        </>
      ) : (
        <>
          <b className="mono">{name}:</b>
          <span className="trunc">{option.value}</span>
          <span className="meta">{field.op}</span>
        </>
      )}
    </div>
  );
}

/**
 * The filter as tokens, and an input that suggests fields and then their values.
 * `pairs` is the filter as query pairs, `tokens` the same for the eye ({key, value, label, op, text}).
 * Every change calls `onQuery` with the whole new query string, without `?`.
 */
export function FilterBar({ pairs = [], tokens = [], fieldTable: fields, values = {}, error = "", placeholder, onQuery }) {
  const id = useId();
  const input = useRef(null);
  const [text, setText] = useState("");
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(-1);
  const [complaint, setComplaint] = useState("");
  const options = open ? suggest(fields, values, text) : [];
  const active = at >= 0 && at < options.length ? options[at] : null;

  const type = (value) => {
    setText(value);
    setOpen(true);
    setAt(-1);
    setComplaint("");
  };
  const emit = (query) => {
    type("");
    setOpen(false);
    onQuery?.(query);
  };
  const complete = (option) => {
    const name = typedName(option);
    type(option.kind === "field" ? name + (name.endsWith(".") ? "" : ":") : `${name}:${option.value}`);
    input.current.focus();
  };
  const pick = (option) => {
    if (option.kind === "field") complete(option);
    else emit(withPair(pairs, option.field, option.key, option.value));
  };
  const applyTyped = () => {
    if (!text.trim()) return;
    const typed = splitTyped(text);
    if (!typed) {
      const first = options.find((option) => option.kind === "value");
      if (first) pick(first);
      else setComplaint(words.howToFilter(namesOf(fields)));
      return;
    }
    const [key, value] = typed;
    const field = findField(fields, key);
    if (!field) setComplaint(words.noField(key, namesOf(fields)));
    else if (!value) setComplaint(words.needsValue(key));
    else emit(withPair(pairs, field, keyOf(field, key), value));
  };
  const move = (step) => {
    if (!open) setOpen(true);
    if (options.length) setAt((at + step + (at < 0 && step < 0 ? 1 : 0) + options.length) % options.length);
  };
  const keys = {
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    Enter: () => (active ? pick(active) : applyTyped()),
    Tab: () => {
      const option = active ?? (text.trim() ? options[0] : null);
      if (!option) return false;
      complete(option);
      return true;
    },
    Escape: () => {
      if (open) setOpen(false);
      else input.current.blur();
    },
    Backspace: () => {
      const last = tokens.at(-1);
      if (text || !last) return false;
      emit(withoutPair(pairs, last.key, last.value));
      return true;
    },
  };
  const onKeyDown = (event) => {
    if (event.nativeEvent.isComposing || event.shiftKey || !Object.hasOwn(keys, event.key)) return;
    if (keys[event.key]() !== false) event.preventDefault();
  };
  const said = complaint || error;
  return (
    <div className="grow">
      <div className="fbox">
        <div className="finput" onClick={(event) => event.target === event.currentTarget && input.current.focus()}>
          <Icon name="list-filter" />
          {tokens.map((token) => (
            <Token key={`${token.key}=${token.value}`} token={token} onDrop={() => emit(withoutPair(pairs, token.key, token.value))} />
          ))}
          <input
            ref={input}
            role="combobox"
            aria-label={words.FILTER}
            aria-expanded={options.length > 0}
            aria-controls={`${id}list`}
            aria-autocomplete="list"
            aria-activedescendant={active ? `${id}o${at}` : undefined}
            aria-invalid={said ? true : undefined}
            aria-describedby={said ? `${id}err` : undefined}
            data-hotkey="f /"
            autoComplete="off"
            autoCapitalize="off"
            spellCheck={false}
            placeholder={tokens.length ? "" : placeholder}
            value={text}
            onChange={(event) => type(event.target.value)}
            onFocus={() => setOpen(true)}
            onClick={() => setOpen(true)}
            onBlur={() => setOpen(false)}
            onKeyDown={onKeyDown}
          />
          {tokens.length > 0 && (
            <button type="button" className="clear" onClick={() => emit(new URLSearchParams(pairs.filter(([key]) => key === "sort")).toString())}>
              {words.CLEAR}
            </button>
          )}
          {tokens.length === 0 && <kbd className="only-d">f</kbd>}
        </div>
        <div className={options.length ? "pop sug" : "sug-none"}>
          <div role="listbox" id={`${id}list`} aria-label={words.SUGGESTIONS}>
            {options.map((option, index) => (
              <Option key={`${option.key}=${option.value}`} id={`${id}o${index}`} option={option} on={index === at} onPick={() => pick(option)} />
            ))}
          </div>
          {options.length > 0 && (
            <div className="sf" aria-hidden="true">
              <kbd>Tab</kbd> <span>{words.COMPLETE}</span> <kbd>Enter</kbd> <span>{words.APPLY}</span> <kbd>Esc</kbd> <span>{words.LEAVE}</span>
            </div>
          )}
        </div>
      </div>
      {said && (
        <p className="ferr" id={`${id}err`} role="alert">
          {said}
        </p>
      )}
    </div>
  );
}
