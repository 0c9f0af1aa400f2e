import { useEffect, useId, useState } from "react";
import { Button } from "$/public/islands/button.jsx";
import { Icon } from "$/public/islands/icon.jsx";
import { Modal } from "$/public/islands/overlays.jsx";
import * as words from "$/public/islands/words.js";

/**
 * Asks before a verb: the title asks with the count, `facts` ([label, text]) say what stops, what never starts and
 * what is untouched, `children` what words can't; then what else is asked (`asks`), reason and ticket, and for
 * dangerous bulk the count is typed. The button repeats the verb; `refused` says why it can't be pressed.
 */
export function ConfirmDialog(props) {
  return (
    <Modal open={props.open} onClose={props.onClose} label={props.title} lightDismiss={false}>
      <ConfirmForm {...props} />
    </Modal>
  );
}

function ConfirmForm({
  title, lead = "", facts = [], moreHref = "", moreLabel = "", typed = "", typedLabel = "", reasonRequired = false, reasonMax = 256, ticketMax = 128,
  confirmLabel, icon = "", danger = false, busy = false, refused = "", error = "", note = "", asks = "", asksHelp = "", asksHint = "", asksValues = [], onAnswer, onConfirm, onClose, children,
}) {
  const id = useId();
  const [reason, setReason] = useState("");
  const [ticket, setTicket] = useState("");
  const [count, setCount] = useState("");
  const [answer, setAnswer] = useState("");
  const [tried, setTried] = useState(false);
  const noReason = reasonRequired && !reason.trim();
  const wrongCount = typed !== "" && count.trim().replaceAll(/[,. ]/g, "") !== typed;
  const off = refused ? refused : wrongCount ? words.typeFirst(typed) : noReason ? words.REASON_REQUIRED : "";
  useEffect(() => {
    if (error) setTried(true);
  }, [error]);
  const submit = (event) => {
    event.preventDefault();
    setTried(true);
    if (off || busy) return;
    if (asks) onAnswer?.(answer.trim());
    onConfirm?.(reason.trim(), ticket.trim());
  };
  return (
    <form onSubmit={submit} noValidate>
      <div className="dgh">
        <span className={danger ? "t-bad" : "t-accent"}>
          <Icon name={danger ? "triangle-alert" : icon || "info"} size={18} stroke={2} />
        </span>
        <div>
          <h2>{title}</h2>
          {lead && <p>{lead}</p>}
        </div>
      </div>
      {facts.length > 0 && (
        <dl className="kv dk">
          {facts.map(([label, text]) => (
            <div key={label} style={{ display: "contents" }}>
              <dt>{label}</dt>
              <dd>{text}</dd>
            </div>
          ))}
        </dl>
      )}
      {children}
      {moreHref && (
        <p>
          <a className="link" href={moreHref}>
            {moreLabel}
          </a>
        </p>
      )}
      {typed && (
        <div>
          <label className="fl" htmlFor={`${id}c`}>
            {words.TYPE}
            <b className="mono">{typed}</b>
            {typedLabel && words.typedFor(typedLabel)}
          </label>
          <input id={`${id}c`} className="in mono" inputMode="numeric" autoComplete="off" value={count} onChange={(e) => setCount(e.target.value)} />
        </div>
      )}
      {asks && (
        <div>
          <label className="fl" htmlFor={`${id}a`}>
            {asks} <small>{words.OPTIONAL}</small>
          </label>
          <input
            id={`${id}a`}
            className="in mono"
            list={`${id}l`}
            placeholder={asksHint}
            autoComplete="off"
            spellCheck={false}
            aria-describedby={`${id}h`}
            value={answer}
            onChange={(e) => setAnswer(e.target.value)}
          />
          <datalist id={`${id}l`}>
            {asksValues.map((value) => (
              <option key={value} value={value} />
            ))}
          </datalist>
          <p id={`${id}h`} className="help">
            {asksHelp}
          </p>
        </div>
      )}
      <div className="g2">
        <div>
          <label className="fl" htmlFor={`${id}r`}>
            {words.REASON} <small>{reasonRequired ? words.REQUIRED : words.OPTIONAL}</small>
          </label>
          <input
            id={`${id}r`}
            className="in"
            maxLength={reasonMax}
            autoComplete="off"
            aria-required={reasonRequired}
            aria-invalid={tried && noReason}
            value={reason}
            onChange={(e) => setReason(e.target.value)}
          />
          {tried && noReason && <p className="help bad">{words.SAY_WHY}</p>}
        </div>
        <div>
          <label className="fl" htmlFor={`${id}t`}>
            {words.TICKET} <small>{words.OPTIONAL}</small>
          </label>
          <input id={`${id}t`} className="in mono" maxLength={ticketMax} autoComplete="off" value={ticket} onChange={(e) => setTicket(e.target.value)} />
        </div>
      </div>
      {error && (
        <div className="note bad" role="alert">
          <Icon name="circle-x" />
          <span>{error}</span>
        </div>
      )}
      <div className="dgf">
        <span className="meta grow">{note}</span>
        <Button label={words.KEEP} onClick={onClose} />
        <Button label={confirmLabel} icon={icon} look={danger ? "danger-solid" : "pri"} off={off} busy={busy} changes type="submit" onRefused={() => setTried(true)} />
      </div>
    </form>
  );
}
