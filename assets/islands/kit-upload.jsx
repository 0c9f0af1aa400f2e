import { useEffect, useRef, useState } from "react";
import { Button } from "$/public/islands/button.jsx";
import { describeBytes } from "$/public/islands/format.js";


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
    setProblem(large ? `This file has ${describeBytes(chosen.size)}; a kit has at most ${describeBytes(most)} here.` : "");
  };
  const send = (wanted) => {
    const going = new XMLHttpRequest();
    request.current = going;
    setProblem("");
    setSent(0);
    going.open("PUT", `${address}?name=${encodeURIComponent(file.name)}`);
    going.responseType = "json";
    going.upload.onprogress = (event) => setSent(event.loaded);
    going.onload = () => {
      setSent(null);
      if (going.status === 201) return onUploaded?.(going.response.id, wanted);
      return setProblem(going.response?.error?.message ?? `The server answered ${going.status}.`);
    };
    going.onerror = () => fail("The connection was lost: nothing of the file was kept. Send it again.");
    going.onabort = () => fail("Stopped: nothing of the file was kept.");
    going.send(file);
  };
  const fail = (words) => {
    setSent(null);
    setProblem(words);
  };
  const busy = sent !== null;
  const missing = off || (file ? "" : "Choose a file first.");
  return (
    <div className="stack kit-upload">
      <label>
        <span className="fl">The kit, a tar file</span>
        <input type="file" className="in" accept=".tar,application/x-tar" onChange={choose} disabled={busy} />
      </label>
      {busy && (
        <div className="kit-sending">
          <progress max={file.size || 1} value={sent} aria-label="Sent" />
          <span className="meta">
            {describeBytes(sent)} of {describeBytes(file.size)}
          </span>
          <Button label="Stop" look="sm" icon="x" onClick={() => request.current?.abort()} />
        </div>
      )}
      {problem && (
        <p className="help bad" role="alert">
          {problem}
        </p>
      )}
      <div className="dgf">
        <span className="grow" />
        <Button label="Cancel" onClick={() => onCancel?.()} />
        <Button label="Upload and verify only" icon="shield-check" off={missing} busy={busy} changes onClick={() => send("verify")} />
        <Button label="Upload and import" look="pri" icon="upload" off={missing} busy={busy} changes onClick={() => send("import")} />
      </div>
    </div>
  );
}
