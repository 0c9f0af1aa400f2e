// What the islands say: the catalogue of all that React draws, as `execution_ops/texts` is of what Python does.
// Constants for fixed words, small functions for sentences with something in them; nothing else is in here.
// How times, durations and sizes are written: format.js.

// Buttons and overlays.
export const CANCEL = "Cancel";
export const CLEAR = "Clear";
export const CLOSE = "Close";
export const OPEN = "Open";
export const NOT_CONNECTED = "Not connected: nothing can be changed until the page is live again.";
export const UNDER_WAY = "It is under way.";
export const COPIED = "Copied";
export const NO_COPYING = "The browser does not allow copying";

// The question before a verb.
export const KEEP = "Keep as it is";
export const REASON = "Reason";
export const TICKET = "Ticket";
export const REQUIRED = "required";
export const OPTIONAL = "optional";
export const TYPE = "Type ";
export const REASON_REQUIRED = "A reason is required.";
export const SAY_WHY = "Say why: it is written to the audit log.";
export const typeFirst = (typed) => `Type ${typed} first.`;
export const typedFor = (what) => `, ${what}`;

// A new API token.
export const TOKEN_NAME = "Name";
export const TOKEN_NAME_HELP = "What uses it, so that it is known later: ci, prometheus, console-eu.";
export const TOKEN_SCOPES = "Permissions";
export const TOKEN_TENANTS = "Tenants";
export const TOKEN_TENANTS_HELP = "With commas between them; empty: all that you may see.";
export const TOKEN_DAYS = "Expires after";
export const TOKEN_DELEGATE = "It may say on whose behalf it acts (for a console in front of this one)";
export const CREATE_TOKEN = "Create the token";
export const TOKEN_MADE = "The token was made. Copy it now: it is not shown again.";
export const COPY_TOKEN = "Copy the token";
export const asHeader = (hint) => `Authorization: Bearer ${hint}…`;
export const DONE = "Done";
export const days = (count) => `${count} days`;

// Messages.
export const UNDO = "Undo";
export const DISMISS = "Dismiss";
export const minutesLeft = (minutes) => (minutes === 1 ? "less than a minute left" : `${minutes} minutes left`);

// Whether the page is live.
export const CONNECTING = "Connecting";
export const RETRYING = "Not connected, retrying";
export const NOW = "Now";
export const unreachable = (server) => `The server at ${server} does not answer. The page is filled as soon as it does.`;
export const SERVER_UNKNOWN = "This page does not know its server: the file backend.js beside it is missing or names none.";
export const live = (seconds) => `Live · ${seconds} s ago`;
export const stale = (time) => `Stale since ${time}, reconnecting`;
export const lastKnown = (time) =>
  `${stale(time)}. What you see is the last that was known; nothing can be changed until it is live again.`;
export const old = (seconds) => (seconds < 1 ? "just read" : `${seconds} s old`);
export const timesLost = (count) => ["never", "once", "twice"][count] ?? `${count} times`;
export const lastLost = (count, time) => `${timesLost(count)}, last at ${time}`;

// The top bar.
export const DISPLAY = "Display";
export const THEME = "Theme";
export const THEMES = { system: "As the system", light: "Light", dark: "Dark" };
export const DENSITY = "Density";
export const DENSITIES = { dense: "Dense", comfortable: "Comfortable" };
export const TIME_ZONE = "Time zone";
export const LOCAL = "Local";
export const localZone = (zone) => `Local, ${zone}`;
export const FIND_A_TENANT = "Find a tenant";
export const ALL_TENANTS = "All tenants";
export const NO_SUCH_TENANT = "No tenant has a name like this.";
export const NOT_NARROWED = "This page is not narrowed. The choice stays in the address, for the pages that list by tenant.";
export const tenants = (count) => `${count} tenants`;
export const tenant = (name) => `Tenant: ${name}`;
export const firstTenants = (count) => `The first ${count}. Type to find others.`;

// The command palette.
export const PALETTE = "Command palette";
export const FIND_OR_DO = "Find or do";
export const FIND_OR_DO_WHAT = "Find or do: a page, a verb, an id";
export const FIND = "Find a page, a verb or an id";
export const FIND_BY_KEY = "Find a page, a verb or an id (Ctrl K)";
export const FOUND = "Pages, verbs and ids";
export const DO = "Do";
export const GO_TO = "Go to";
export const WITH_THIS_ID = "With this id";
export const NO_IDS_NOW = "Not connected: ids can't be looked up until the page is live again.";
export const entries = (count) => `${count} ${count === 1 ? "entry" : "entries"}`;
export const nothingCalled = (text) => `Nothing is called ${text}.`;
export const noIdEither = (text) => `Nothing is called ${text}, and no id begins with it.`;
export const noId = (text) => `No id begins with ${text}.`;
export const lookingFor = (text) => `Looking for ids that begin with ${text}`;

// Lists.
export const COLUMNS = "Columns";
export const FILTER = "Filter";
export const SUGGESTIONS = "Suggestions";
export const COMPLETE = "complete";
export const APPLY = "apply";
export const LEAVE = "close";
export const removeFilter = (filter) => `Remove the filter ${filter}`;
export const howToFilter = (fields) => `Write field:value. Fields are ${fields}.`;
export const noField = (key, fields) => `There is no field ${key}. Fields are ${fields}.`;
export const needsValue = (key) => `${key} needs a value.`;

// Logs.
export const COPY_THE_LINE = "Copy the line";
export const COPY_ITS_ADDRESS = "Copy the address of the line";
export const CLOSE_THE_LINE = "Close the line";
export const line = (number) => `Line ${number}`;
export const lineInFull = (number) => `Line ${number} in full`;

// Runs and DAGs.
export const LIKELY = "likely";
export const ZOOM_IN = "Zoom in";
export const ZOOM_OUT = "Zoom out";
export const SHOW_ALL = "Show all";
export const OVERVIEW = "Overview of the graph";
export const CANCELING = "canceling";
export const CRITICAL = "on the critical path";
export const FOLD = "Fold";
export const SHORT_STATES = { succeeded: "ok", timed_out: "timed out" };
export const fanOut = (title, size) => `${title}, fan-out of ${size}`;
export const openFanOut = (title, size, counts) => `${title}, open fan-out of ${size}, ${counts}`;

// Kits.
export const THE_KIT = "The kit, a tar file";
export const CHOOSE_FIRST = "Choose a file first.";
export const SENT = "Sent";
export const STOP = "Stop";
export const VERIFY_ONLY = "Upload and verify only";
export const IMPORT = "Upload and import";
export const STOPPED = "Stopped: nothing of the file was kept.";
export const CUT_OFF = "The connection was lost: nothing of the file was kept. Send it again.";
export const tooLarge = (size, most) => `This file has ${size}; a kit has at most ${most} here.`;
export const answered = (status) => `The server answered ${status}.`;
export const sentOf = (sent, size) => `${sent} of ${size}`;
