import { useId } from "react";
import { useConnection } from "$/public/islands/connection.js";
import { Icon } from "$/public/islands/icon.jsx";
import * as words from "$/public/islands/words.js";

/**
 * A button that can say why it is off. It stays focusable, so that the reason can be read by keyboard.
 * `verb` has the palette offer it. `changes` marks what changes something: it is off while the socket is lost, for the framework would queue the click.
 */
export function Button({
  label, icon = "", look = "", iconOnly = false, off = "", verb = false, changes = false, hotkey = "", type = "button", form = "", busy = false, onClick, onRefused,
}) {
  const id = useId();
  const { lost } = useConnection();
  const reason = off || (changes && lost !== null ? words.NOT_CONNECTED : "");
  const press = (event) => {
    if (!reason && !busy) return onClick?.();
    event.preventDefault();
    return onRefused?.();
  };
  // One shape with and without a reason: a button that goes off keeps its element, and so the focus.
  return (
    <span className="why">
      <button
        type={type}
        form={form || undefined}
        className={`btn ${look} ${iconOnly ? "icon" : ""}`}
        aria-label={iconOnly ? label : undefined}
        title={iconOnly && !reason ? label : undefined}
        aria-disabled={reason || busy ? "true" : undefined}
        aria-describedby={reason ? id : undefined}
        data-hotkey={hotkey || undefined}
        data-verb={verb ? label : undefined}
        data-icon={verb ? icon : undefined}
        data-changes={changes ? "" : undefined}
        onClick={press}
      >
        {busy ? <Icon name="loader-circle" spin /> : icon && <Icon name={icon} />}
        {!iconOnly && label}
      </button>
      {reason && (
        <span className="tip" role="tooltip" id={id}>
          {reason}
        </span>
      )}
    </span>
  );
}
