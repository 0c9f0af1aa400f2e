import { useContext, useLayoutEffect } from "react";
import { ColorModeContext } from "$/utils/context-registry";
import { Choice, Menu } from "$/public/islands/overlays.jsx";
import { usePref, writePref } from "$/public/islands/prefs.js";
import * as words from "$/public/islands/words.js";

const THEME_ICONS = { system: "monitor", light: "sun", dark: "moon" };

/** Theme and density. The theme is applied before the first paint by Reflex's own script. */
export function DisplayMenu() {
  const { rawColorMode, resolvedColorMode, setColorMode } = useContext(ColorModeContext);
  const density = usePref("density", "dense");
  useLayoutEffect(() => {
    document.documentElement.dataset.density = density;
  }, [density]);
  return (
    <Menu label={words.DISPLAY} icon={resolvedColorMode === "dark" ? "moon" : "sun"} trigger="btn ghost icon">
      <h3>{words.THEME}</h3>
      {Object.entries(words.THEMES).map(([value, label]) => (
        <Choice key={value} icon={THEME_ICONS[value]} on={rawColorMode === value} onPick={() => setColorMode(value)}>
          {label}
        </Choice>
      ))}
      <hr />
      <h3>{words.DENSITY}</h3>
      {Object.entries(words.DENSITIES).map(([value, label]) => (
        <Choice key={value} icon="rows-3" on={density === value} onPick={() => writePref("density", value)}>
          {label}
        </Choice>
      ))}
    </Menu>
  );
}
