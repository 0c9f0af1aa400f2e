import { useContext, useLayoutEffect } from "react";
import { ColorModeContext } from "$/utils/context-registry";
import { Choice, Menu } from "$/public/islands/overlays.jsx";
import { usePref, writePref } from "$/public/islands/prefs.js";

const THEMES = [
  ["system", "monitor", "As the system"],
  ["light", "sun", "Light"],
  ["dark", "moon", "Dark"],
];
const DENSITIES = [
  ["dense", "Dense"],
  ["comfortable", "Comfortable"],
];

/** Theme and density. The theme is applied before the first paint by Reflex's own script. */
export function DisplayMenu() {
  const { rawColorMode, resolvedColorMode, setColorMode } = useContext(ColorModeContext);
  const density = usePref("density", "dense");
  useLayoutEffect(() => {
    document.documentElement.dataset.density = density;
  }, [density]);
  return (
    <Menu label="Display" icon={resolvedColorMode === "dark" ? "moon" : "sun"} trigger="btn ghost icon">
      <h3>Theme</h3>
      {THEMES.map(([value, icon, label]) => (
        <Choice key={value} icon={icon} on={rawColorMode === value} onPick={() => setColorMode(value)}>
          {label}
        </Choice>
      ))}
      <hr />
      <h3>Density</h3>
      {DENSITIES.map(([value, label]) => (
        <Choice key={value} icon="rows-3" on={density === value} onPick={() => writePref("density", value)}>
          {label}
        </Choice>
      ))}
    </Menu>
  );
}
