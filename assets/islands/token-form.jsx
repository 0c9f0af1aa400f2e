import { useState } from "react";
import { atBackend } from "$/public/islands/backend.js";
import { Button } from "$/public/islands/button.jsx";
import * as words from "$/public/islands/words.js";

const DAYS = [7, 30, 90, 365];

/** Asks for a token and shows its secret, which lives in this component alone until it is closed. */
export function TokenForm({ address, scopes = [], off = "", nameMax, daysMax, reasonMax, onClose }) {
  const [made, setMade] = useState(null);
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);

  const send = async (event) => {
    event.preventDefault();
    if (busy || off) return;
    setBusy(true);
    setProblem("");
    try {
      setMade(await create(atBackend(address), new FormData(event.target)));
    } catch (error) {
      setProblem(error.message);
    }
    setBusy(false);
  };
  if (made) return <Made made={made} onClose={onClose} />;
  return (
    <form className="stack" onSubmit={send}>
      <label>
        <span className="fl">{words.TOKEN_NAME}</span>
        <input className="in" name="name" required maxLength={nameMax} autoComplete="off" spellCheck={false} autoFocus />
        <span className="help">{words.TOKEN_NAME_HELP}</span>
      </label>
      <fieldset className="modes">
        <legend className="fl">{words.TOKEN_SCOPES}</legend>
        {scopes.map(({ scope, meaning }) => (
          <label key={scope}>
            <input type="checkbox" name="scopes" value={scope} defaultChecked={scope === "ops:read"} />
            <span className="mono">{scope}</span>
            <span className="meta">{meaning}</span>
          </label>
        ))}
      </fieldset>
      <div className="g2">
        <label>
          <span className="fl">
            {words.TOKEN_TENANTS} <small>{words.OPTIONAL}</small>
          </span>
          <input className="in" name="tenants" autoComplete="off" spellCheck={false} />
          <span className="help">{words.TOKEN_TENANTS_HELP}</span>
        </label>
        <label>
          <span className="fl">{words.TOKEN_DAYS}</span>
          <select className="in" name="days" defaultValue={90}>
            {DAYS.filter((days) => days <= daysMax).map((days) => (
              <option key={days} value={days}>
                {words.days(days)}
              </option>
            ))}
          </select>
        </label>
      </div>
      <label className="check">
        <input type="checkbox" name="delegate" />
        <span>{words.TOKEN_DELEGATE}</span>
      </label>
      <label>
        <span className="fl">
          {words.REASON} <small>{words.OPTIONAL}</small>
        </span>
        <input className="in" name="reason" maxLength={reasonMax} autoComplete="off" />
      </label>
      {problem && (
        <p className="help bad" role="alert">
          {problem}
        </p>
      )}
      <div className="dgf">
        <span className="grow" />
        <Button label={words.CANCEL} onClick={() => onClose?.()} />
        <Button label={words.CREATE_TOKEN} look="pri" icon="key-round" type="submit" off={off} busy={busy} changes />
      </div>
    </form>
  );
}

function Made({ made, onClose }) {
  return (
    <div className="stack">
      <p role="status">{words.TOKEN_MADE}</p>
      <div className="copyable">
        <code className="mono break">{made.secret}</code>
        <button type="button" className="cp" title={words.COPY_TOKEN} aria-label={words.COPY_TOKEN} data-copy={made.secret} />
      </div>
      <p className="help">
        <code className="mono">{words.asHeader(made.token.hint)}</code>
      </p>
      <div className="dgf">
        <span className="grow" />
        <Button label={words.DONE} look="pri" onClick={() => onClose?.()} />
      </div>
    </div>
  );
}

const json = (value) => new Blob([JSON.stringify(value)], { type: "application/json" });

/** The token with its secret; an Error with the server's own words when it is refused. */
async function create(address, form) {
  const tenants = form.get("tenants").split(/[\s,]+/).filter(Boolean);
  const asked = {
    name: form.get("name"),
    scopes: form.getAll("scopes"),
    days: Number(form.get("days")),
    delegate: form.get("delegate") !== null,
    ...(tenants.length ? { tenants } : {}),
  };
  const headers = {};
  // A header holds bytes: the server reads them as UTF-8.
  const reason = form.get("reason");
  if (reason) headers["X-Stella-Operator-Reason"] = String.fromCharCode(...new TextEncoder().encode(reason));
  let answer;
  try {
    answer = await fetch(address, { method: "POST", credentials: "include", headers, body: json(asked) });
  } catch {
    throw new Error(words.CUT_OFF);
  }
  const body = await answer.json().catch(() => null);
  if (answer.status !== 201 || !body) throw new Error(body?.error?.message ?? words.answered(answer.status));
  return body;
}
