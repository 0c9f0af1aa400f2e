import { useState } from "react";
import { pageKeys } from "$/public/islands/page-verbs.js";

/** The keys of the page behind the help, as its buttons have them; nothing for a page without any. */
export function PageKeys({ title, general }) {
  const [keys] = useState(() => pageKeys(general));
  if (!keys.length) return null;
  return (
    <div>
      <h3 className="fl">{title}</h3>
      <div className="keys">
        {keys.map(([key, does]) => (
          <div key={key}>
            <span>{does}</span>
            <span className="row">
              <kbd>{key}</kbd>
            </span>
          </div>
        ))}
      </div>
    </div>
  );
}
