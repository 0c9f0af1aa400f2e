import { useEffect, useRef, useState } from "react";
import { atBackend } from "$/public/islands/backend.js";
import { Button } from "$/public/islands/button.jsx";
import { describeBytes } from "$/public/islands/format.js";
import * as words from "$/public/islands/words.js";

/** Sends a file to the server as it is, with its progress; what the server refuses is said in its own words. */
export function KitUpload({ address, most, off = "", onUploaded, onCancel }) {
  const [file, setFile] = useState(null);
  const [sent, setSent] = useState(null);
  const [problem, setProblem] = useState("");
  const request = useRef(null);
  // Whoever closes the dialog does not send it.
  useEffect(() => () => request.current?.abort(), []);

  const choose = (event) => {
    const chosen = event.target.files?.[0] ?? null;
    const large = chosen && most && chosen.size > most;
    setFile(large ? null : chosen);
    setProblem(large ? words.tooLarge(describeBytes(chosen.size), describeBytes(most)) : "");
  };
  const send = (wanted) => {
    const going = new XMLHttpRequest();
    request.current = going;
    setProblem("");
    setSent(0);
    going.open("PUT", `${atBackend(address)}?name=${encodeURIComponent(file.name)}`);
    going.withCredentials = true;
    going.responseType = "json";
    going.upload.onprogress = (event) => setSent(event.loaded);
    going.onload = () => {
      setSent(null);
      if (going.status === 201) return onUploaded?.(going.response.id, wanted);
      return setProblem(going.response?.error?.message ?? words.answered(going.status));
    };
    going.onerror = () => fail(words.CUT_OFF);
    going.onabort = () => fail(words.STOPPED);
    going.send(file);
  };
  const fail = (why) => {
    setSent(null);
    setProblem(why);
  };
  const busy = sent !== null;
  const missing = off || (file ? "" : words.CHOOSE_FIRST);
  return (
    <div className="stack kit-upload">
      <label>
        <span className="fl">{words.THE_KIT}</span>
        <input type="file" className="in" accept=".tar,application/x-tar" onChange={choose} disabled={busy} />
      </label>
      {busy && (
        <div className="kit-sending">
          <progress max={file.size || 1} value={sent} aria-label={words.SENT} />
          <span className="meta">{words.sentOf(describeBytes(sent), describeBytes(file.size))}</span>
          <Button label={words.STOP} look="sm" icon="x" onClick={() => request.current?.abort()} />
        </div>
      )}
      {problem && (
        <p className="help bad" role="alert">
          {problem}
        </p>
      )}
      <div className="dgf">
        <span className="grow" />
        <Button label={words.CANCEL} onClick={() => onCancel?.()} />
        <Button label={words.VERIFY_ONLY} icon="shield-check" off={missing} busy={busy} changes onClick={() => send("verify")} />
        <Button label={words.IMPORT} look="pri" icon="upload" off={missing} busy={busy} changes onClick={() => send("import")} />
      </div>
    </div>
  );
}
