// The graph of a DAG, drawn from positions that the server computed. What is selected and shown is in the URL.
import { memo, startTransition, useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { useLocation, useNavigate } from "react-router";
import { Background, MiniMap, Panel, ReactFlow, ReactFlowProvider, ViewportPortal, useReactFlow, useStore, useStoreApi } from "@xyflow/react";
import "@xyflow/react/dist/base.css";
import "$/public/graph.css";
import { FrameNode, GraphContext, JobNode, MiniBox, StackNode } from "$/public/graph_node.jsx";
import { edgeLook, groupEdges, pathOf } from "$/public/graph_paths.js";
import { neighbour, readScene } from "$/public/graph_scene.js";
import { createCursor, useMarks, useMarksVersion } from "$/public/graph_store.js";
import { Icon } from "$/public/islands/icon.jsx";
import * as words from "$/public/islands/words.js";

const TYPES = { node: JobNode, stack: StackNode, frame: FrameNode };
const ZOOM = { min: 0.02, max: 2 };
const READ = 0.8;
/** The whole graph is shown at first only if its words can still be read. */
const FIT_ABOVE = 0.45;
const MARGIN = 24;
/** Where the legend stands. */
const FOOT = 64;
const CULL_ABOVE = 300;

const theme = {
  subscribe(listener) {
    const observer = new MutationObserver(listener);
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ["class"] });
    return () => observer.disconnect();
  },
  read: () => (document.documentElement.classList.contains("dark") ? "dark" : "light"),
};

const motion = () => (window.matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 160);

/** The query of this page with one key changed: `value` undefined drops it. Other keys stay as they are. */
function queryWith(search, key, value) {
  const query = new URLSearchParams(search);
  query.delete(key);
  if (value !== undefined) query.append(key, value);
  return `?${query}`;
}

/** The query without one of the values of a key that is repeated. */
function queryWithout(search, key, value) {
  const query = new URLSearchParams(search);
  query.delete(key, value);
  return `?${query}`;
}

const toFlow = (box) => ({
  id: box.key,
  type: box.kind,
  position: { x: box.x, y: box.y },
  width: box.width,
  height: box.height,
  zIndex: box.kind === "frame" ? 0 : 1,
  // Sizes are known and nothing is ever connected: so boxes out of sight need not be drawn to be measured.
  measured: { width: box.width, height: box.height },
  handles: [],
  data: { title: box.title },
  // The boxes hold the links; their wrappers mean nothing to assistive technology.
  domAttributes: { "aria-roledescription": undefined },
});

const Edges = memo(function Edges({ scene, marks, showCritical, selected }) {
  const version = useMarksVersion(marks);
  const paths = useMemo(() => scene.edges.map((edge) => pathOf(edge.slice(2))), [scene]);
  const groups = useMemo(() => {
    const looks = scene.edges.map(([parent, child]) => {
      const [from, to] = [scene.boxes[parent].key, scene.boxes[child].key];
      return edgeLook(marks.get(from), marks.get(to), showCritical, from === selected || to === selected);
    });
    return groupEdges(scene.edges, paths, looks);
    // `version` stands for what `marks` holds.
  }, [scene, paths, marks, version, showCritical, selected]);
  return (
    <svg className="gedges" width={scene.width} height={scene.height} aria-hidden="true">
      {groups.map(([look, path]) => (
        <path key={look} className={look} d={path} />
      ))}
    </svg>
  );
});

function Tools() {
  const flow = useReactFlow();
  const tool = (label, icon, onClick, hotkey) => (
    <button type="button" aria-label={label} title={label} data-hotkey={hotkey} onClick={onClick}>
      <Icon name={icon} size={14} />
    </button>
  );
  return (
    <Panel position="bottom-right" className="gtools">
      {tool(words.ZOOM_IN, "zoom-in", () => flow.zoomIn({ duration: motion() }), "+")}
      {tool(words.ZOOM_OUT, "zoom-out", () => flow.zoomOut({ duration: motion() }), "-")}
      {tool(words.SHOW_ALL, "maximize", () => flow.fitView({ padding: 0.05, duration: motion() }), "0")}
    </Panel>
  );
}

/** Where to look first: all of it if that can be read, else the selected box, the first that failed, or that runs. */
function firstView(scene, marks, selected, size) {
  const free = { width: size.width - 2 * MARGIN, height: size.height - MARGIN - FOOT };
  const zoom = Math.min(1, free.width / scene.width, free.height / scene.height);
  if (zoom >= FIT_ABOVE) {
    return {
      zoom,
      x: (size.width - scene.width * zoom) / 2,
      y: MARGIN + (free.height - scene.height * zoom) / 2,
    };
  }
  const inState = (...states) => scene.inOrder.find((box) => states.includes(marks.get(box.key).s));
  const box = scene.byKey.get(selected) ?? inState("failed", "timed_out") ?? inState("running") ?? scene.inOrder[0];
  // As near to the middle as leaves no empty side.
  const start = (room, whole, middle) =>
    whole * READ < room
      ? MARGIN + (room - whole * READ) / 2
      : Math.min(MARGIN, Math.max(MARGIN + room - whole * READ, MARGIN + room / 2 - middle * READ));
  return {
    zoom: READ,
    x: start(free.width, scene.width, box.x + box.width / 2),
    y: start(free.height, scene.height, box.y + box.height / 2),
  };
}

const sizeOfCanvas = (state) => `${state.width}x${state.height}`;

function Canvas({ scene, marks, selected, stop, showCritical, label }) {
  const flow = useReactFlow();
  const store = useStoreApi();
  // The library puts the name of its theme on the canvas as a class, where it would switch our tokens too.
  const colorMode = useSyncExternalStore(theme.subscribe, theme.read);
  const nodes = useMemo(() => scene.boxes.map(toFlow), [scene]);
  const many = nodes.length > CULL_ABOVE;
  // The overview can wait until the graph itself is painted.
  const [settled, setSettled] = useState(false);
  useEffect(() => startTransition(() => setSettled(true)), []);

  const viewOf = () => {
    const { width, height } = store.getState();
    return firstView(scene, marks, selected, { width, height });
  };
  const reveal = useCallback(
    (box) => {
      const { width, height, transform } = store.getState();
      const [x, y, zoom] = transform;
      const [left, top] = [box.x * zoom + x, box.y * zoom + y];
      const seen = left >= 0 && top >= 0 && left + box.width * zoom <= width && top + box.height * zoom <= height;
      if (seen) return Promise.resolve();
      return flow.setCenter(box.x + box.width / 2, box.y + box.height / 2, { zoom, duration: many ? 0 : motion() });
    },
    [flow, store, many],
  );
  // Until the reader moves the view, a new structure is shown whole, as the first was.
  const [shown, moved] = [useRef(scene), useRef(false)];
  const room = useStore(sizeOfCanvas);
  useEffect(() => {
    const box = scene.byKey.get(selected);
    if (shown.current !== scene && !moved.current && !box) flow.setViewport(viewOf(), { duration: motion() });
    shown.current = scene;
    // Whatever the room, what is selected can be seen: the panel beside it takes some.
    if (box) reveal(box);
    if (!scene.byKey.has(stop.get())) stop.set(box?.key ?? scene.inOrder[0]?.key);
  }, [scene, selected, stop, reveal, room]);

  const onKeyDown = async (event) => {
    const key = event.target.dataset?.graphBox;
    if (!key || event.ctrlKey || event.metaKey || event.altKey) return;
    const box = neighbour(scene, scene.byKey.get(key), event.key);
    if (!box) return;
    event.preventDefault();
    const canvas = event.currentTarget;
    await reveal(box);
    // A box that was out of sight is drawn in the next frame.
    requestAnimationFrame(() => canvas.querySelector(`[data-graph-box="${CSS.escape(box.key)}"]`)?.focus({ preventScroll: true }));
  };
  return (
    <div
      className="gcanvas"
      onKeyDown={onKeyDown}
      onFocus={(event) => event.target.dataset?.graphBox && stop.set(event.target.dataset.graphBox)}
    >
      <ReactFlow
        aria-label={label}
        nodes={nodes}
        nodeTypes={TYPES}
        onInit={() => scene.inOrder.length && flow.setViewport(viewOf())}
        onMoveStart={(event) => {
          moved.current ||= Boolean(event); // without an event it was us
        }}
        minZoom={ZOOM.min}
        maxZoom={ZOOM.max}
        nodesDraggable={false}
        nodesConnectable={false}
        nodesFocusable={false}
        elementsSelectable={false}
        disableKeyboardA11y
        colorMode={colorMode}
        zoomOnDoubleClick={false}
        onlyRenderVisibleElements={many}
        deleteKeyCode={null}
        attributionPosition="top-right"
      >
        <Background gap={20} size={1} color="var(--line-strong)" />
        <ViewportPortal>
          <Edges scene={scene} marks={marks} showCritical={showCritical} selected={selected} />
        </ViewportPortal>
        {settled && <MiniMap nodeComponent={MiniBox} ariaLabel={words.OVERVIEW} position="bottom-left" pannable zoomable />}
        <Tools />
      </ReactFlow>
    </div>
  );
}

/**
 * `scene`, `base` and `changes` are those of domain/graph_wire.py, `looks` the table of job states.
 * The selected box is `node` in the URL, open fan-outs are `open`.
 */
export function Graph({ scene: wire, base, changes, looks, showCritical = true, label }) {
  const { search } = useLocation();
  const navigate = useNavigate();
  const scene = useMemo(() => readScene(wire), [wire]);
  const marks = useMarks(base, changes);
  const selected = new URLSearchParams(search).get("node") ?? "";
  const [cursors] = useState(() => ({ selected: createCursor(selected), stop: createCursor(undefined) }));
  useEffect(() => cursors.selected.set(selected), [cursors, selected]);
  const others = queryWith(search, "node", undefined);
  const shared = useMemo(
    () => ({
      marks,
      looks,
      showCritical,
      ...cursors,
      selectHref: (key) => queryWith(others, "node", key),
      foldHref: (key) => queryWithout(others, "open", key),
    }),
    [marks, looks, showCritical, cursors, others],
  );
  useEffect(() => {
    if (!selected) return undefined;
    const onKey = (event) => {
      if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog[open]")) return;
      navigate(others, { preventScrollReset: true });
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [selected, others, navigate]);
  return (
    <GraphContext value={shared}>
      <ReactFlowProvider>
        <Canvas scene={scene} marks={marks} selected={selected} stop={cursors.stop} showCritical={showCritical} label={label} />
      </ReactFlowProvider>
    </GraphContext>
  );
}
