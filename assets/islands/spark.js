/** The line and the area below it, as SVG paths, for values spread over the width. */
export function sparkPaths(values, width, height) {
  const top = Math.max(1, ...values);
  const step = values.length > 1 ? width / (values.length - 1) : 0;
  const y = (value) => (height - 1 - (value / top) * (height - 2)).toFixed(1);
  const line = values.map((value, index) => `${index ? "L" : "M"}${(index * step).toFixed(1)} ${y(value)}`).join("");
  return { line, area: line && `${line}L${width} ${height}L0 ${height}Z` };
}
