// From a route (numbers, see domain/graph_routes.py) to an SVG path with round corners.

const ROUNDNESS = 14;
/** How far a cubic's handles reach so that it looks like a quarter circle. */
const HANDLE = 0.5523;

const round = (value) => Math.round(value * 10) / 10;

export function pathOf(route) {
  let x = route[0];
  let y = route[1];
  let path = `M${x} ${y}`;
  for (let at = 2; at < route.length - 1; at += 2) {
    const lane = route[at];
    const height = route[at + 1];
    const last = at + 2 === route.length - 1;
    const room = last ? route[at + 2] - lane : (route[at + 2] - lane) / 2;
    const radius = Math.max(0, Math.min(ROUNDNESS, Math.abs(height - y) / 2, lane - x, room));
    const turn = height > y ? radius : -radius;
    const handle = radius * (1 - HANDLE);
    const bend = turn * (1 - HANDLE);
    path +=
      `H${round(lane - radius)}` +
      `C${round(lane - handle)} ${y} ${lane} ${round(y + bend)} ${lane} ${round(y + turn)}` +
      `V${round(height - turn)}` +
      `C${lane} ${round(height - bend)} ${round(lane + handle)} ${height} ${round(lane + radius)} ${height}`;
    x = lane + radius;
    y = height;
  }
  return `${path}H${route[route.length - 1]}`;
}

/** The class of an edge: `go` the parent has succeeded, `wait` it has not; `crit` on the critical path, `near` selected. */
export function edgeLook(parent, child, showCritical, isNear) {
  const done = parent.m ? parent.m.every(([state]) => state === "succeeded") : parent.s === "succeeded";
  const critical = showCritical && parent.k > 0 && child.k === parent.k + 1;
  return `${critical ? "crit" : isNear ? "near" : ""} ${done ? "go" : "wait"}`.trim();
}

/** All edges as one path a look: thousands of edges, a handful of elements. Later looks lie above. */
export function groupEdges(edges, paths, looks) {
  const groups = new Map(["wait", "go", "near wait", "near go", "crit wait", "crit go"].map((look) => [look, []]));
  edges.forEach((_, index) => groups.get(looks[index]).push(paths[index]));
  return [...groups].filter(([, parts]) => parts.length).map(([look, parts]) => [look, parts.join("")]);
}
