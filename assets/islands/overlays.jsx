import { useEffect, useId, useRef, useState } from "react";
import { useLocation } from "react-router";
import { Icon } from "$/public/islands/icon.jsx";
import * as words from "$/public/islands/words.js";

/**
 * A modal <dialog>: the browser traps the focus, Esc closes, and the focus returns to where it was.
 * `open` is the truth; closing asks through `onClose`.
 */
export function Modal({ open, onClose, look = "dlg", label, labelledBy, lightDismiss = true, children }) {
  const ref = useRef(null);
  useEffect(() => {
    const dialog = ref.current;
    if (open && !dialog.open) dialog.showModal();
    if (!open && dialog.open) dialog.close();
  }, [open]);
  useEffect(() => {
    const dialog = ref.current;
    return () => dialog.open && dialog.close();
  }, []);
  const ask = (event) => {
    // React passes it on from a dialog that stands within this one.
    if (event.target !== ref.current) return;
    event.preventDefault();
    onClose?.();
  };
  // A press that begins and ends on the backdrop closes; one that began inside (selecting text) does not.
  const pressed = useRef(false);
  return (
    <dialog
      ref={ref}
      className={look}
      aria-label={label || undefined}
      aria-labelledby={labelledBy}
      onCancel={ask}
      onPointerDown={(event) => (pressed.current = event.target === ref.current && outside(event, ref.current))}
      onClick={(event) => lightDismiss && pressed.current && outside(event, ref.current) && onClose?.()}
    >
      {open ? children : null}
    </dialog>
  );
}

function outside(event, dialog) {
  const box = dialog.getBoundingClientRect();
  return event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
}

export function CloseButton({ onClose, label = words.CLOSE }) {
  return (
    <button type="button" className="btn ghost icon sm" aria-label={label} title={label} onClick={() => onClose?.()}>
      <Icon name="x" />
    </button>
  );
}

/** A drawer at the right: header, body, footer. Whether it is open is in the URL; `onClose` leaves that URL. */
export function Drawer({ open, title, subtitle = "", wide = false, footer = null, onClose, children }) {
  const id = useId();
  return (
    <Modal open={open} onClose={onClose} look={wide ? "drawer wide" : "drawer"} labelledBy={id}>
      <div className="dh">
        <div>
          <h2 id={id}>{title}</h2>
          {subtitle && <p className="meta break">{subtitle}</p>}
        </div>
        <CloseButton onClose={onClose} />
      </div>
      <div className="db">{children}</div>
      {footer && <div className="df">{footer}</div>}
    </Modal>
  );
}

/** A dialog that the browser alone opens: by its trigger, or by a key. It closes when the page changes. */
export function Sheet({ label, icon, look = "dlg", trigger = "btn ghost icon", iconSize = 15, text = "", hotkey = "", children }) {
  const [open, setOpen] = useState(false);
  const location = useLocation();
  useEffect(() => setOpen(false), [location]);
  return (
    <>
      <button
        type="button"
        className={trigger}
        aria-label={text ? undefined : label}
        title={text ? undefined : label}
        aria-haspopup="dialog"
        data-hotkey={hotkey || undefined}
        onClick={() => setOpen(true)}
      >
        <Icon name={icon} size={iconSize} />
        {text}
      </button>
      <Modal open={open} onClose={() => setOpen(false)} look={look} label={label}>
        <div className={look === "sheet" ? "" : "dlg-body"}>
          <div className="row shead">
            <h2 className="grow">{label}</h2>
            <CloseButton onClose={() => setOpen(false)} />
          </div>
          {children}
        </div>
      </Modal>
    </>
  );
}

/** A button with a small panel of choices below it; Esc and a press elsewhere close it. */
export function Menu({ label, icon, text = "", trigger = "btn icon", children }) {
  const [open, setOpen] = useState(false);
  const id = useId();
  const box = useRef(null);
  const button = useRef(null);
  useEffect(() => {
    if (!open) return undefined;
    const away = (event) => box.current.contains(event.target) || setOpen(false);
    document.addEventListener("pointerdown", away);
    return () => document.removeEventListener("pointerdown", away);
  }, [open]);
  const onKey = (event) => {
    if (event.key !== "Escape" || !open) return;
    event.stopPropagation();
    setOpen(false);
    button.current.focus();
  };
  return (
    <div className="menu" ref={box} onKeyDown={onKey}>
      <button
        ref={button}
        type="button"
        className={trigger}
        aria-label={text ? undefined : label}
        title={text ? undefined : label}
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => setOpen(!open)}
      >
        <Icon name={icon} />
        {text}
      </button>
      {open && (
        <>
          {/* On a phone a press elsewhere closes, and does nothing to what lies there. */}
          <div className="behind only-m" onClick={() => setOpen(false)} />
          <div className="pop" id={id} role="group" aria-label={label}>
            {children}
          </div>
        </>
      )}
    </div>
  );
}

/** One choice of a menu. */
export function Choice({ on, icon = "", onPick, children }) {
  return (
    <button type="button" className={on ? "opt on" : "opt"} aria-pressed={on} onClick={onPick}>
      {icon && <Icon name={icon} />}
      <span className="grow">{children}</span>
      <span className="tick">{on && <Icon name="check" size={13} />}</span>
    </button>
  );
}
