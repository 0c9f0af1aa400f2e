// The scene as records, and which box the keyboard goes to from another one.

export function readScene(scene) {
  const boxes = (scene.boxes ?? []).map(([key, kind, title, x, y, width, height, order], index) => ({
    key, kind, title, x, y, width, height, order, index,
  }));
  const edges = scene.edges ?? [];
  const parents = boxes.map(() => []);
  const children = boxes.map(() => []);
  edges.forEach(([parent, child]) => {
    children[parent].push(boxes[child]);
    parents[child].push(boxes[parent]);
  });
  const byKey = new Map(boxes.map((box) => [box.key, box]));
  const inOrder = [...boxes].sort((one, other) => one.order - other.order);
  return { boxes, edges, parents, children, byKey, inOrder, width: scene.width ?? 0, height: scene.height ?? 0 };
}

const middle = (box) => [box.x + box.width / 2, box.y + box.height / 2];

/** The nearest of `others` to a box, by height first; undefined if there is none. */
function nearest(box, others) {
  const [x, y] = middle(box);
  const distance = (other) => Math.abs(middle(other)[1] - y) * 4 + Math.abs(middle(other)[0] - x);
  return others.reduce((best, other) => (best && distance(best) <= distance(other) ? best : other), undefined);
}

/** The next box up (-1) or down (1) in the same column. */
function inColumn(scene, box, way) {
  const [x, y] = middle(box);
  const column = scene.boxes.filter((other) => other.x < x && x < other.x + other.width && (middle(other)[1] - y) * way > 0);
  return column.reduce((best, other) => (best && (best.y - other.y) * way <= 0 ? best : other), undefined);
}

/** Where an arrow, Home or End leads: along the edges to the sides, in the column up and down. */
export function neighbour(scene, box, key) {
  const [, y] = middle(box);
  const beside = (way) =>
    scene.boxes.filter((other) => (other.x - box.x) * way > 0 && other.y < y && y < other.y + other.height);
  switch (key) {
    case "ArrowRight":
      return nearest(box, scene.children[box.index]) ?? nearest(box, beside(1));
    case "ArrowLeft":
      return nearest(box, scene.parents[box.index]) ?? nearest(box, beside(-1));
    case "ArrowDown":
      return inColumn(scene, box, 1);
    case "ArrowUp":
      return inColumn(scene, box, -1);
    case "Home":
      return scene.inOrder[0];
    case "End":
      return scene.inOrder[scene.inOrder.length - 1];
    default:
      return undefined;
  }
}
