import { useState } from "react";
import { useLocation } from "react-router";
import { atBackend, backendOrigin } from "$/public/islands/backend.js";
import { Button } from "$/public/islands/button.jsx";

/** Ends the session here, and then at the provider. */
export function SignOut({ address, label }) {
  const { pathname } = useLocation();
  const [busy, setBusy] = useState(false);
  const leave = async () => {
    setBusy(true);
    const to = backendOrigin() === location.origin ? pathname : location.origin + pathname;
    try {
      const answer = await fetch(`${atBackend(address)}?to=${encodeURIComponent(to)}`, { method: "POST", credentials: "include" });
      location.assign((await answer.json()).to ?? "/");
    } catch {
      // The page is read again, and says then whether somebody is signed in.
      location.reload();
    }
  };
  return <Button label={label} icon="power" look="sm ghost" busy={busy} onClick={leave} />;
}
