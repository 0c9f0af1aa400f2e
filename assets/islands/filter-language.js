// What a reader can type into the filter bar: `field:value`, `field:"two words"`, or plain words.

/** `field:value` as [field, value], quotes taken off; null for plain words. */
export function splitTyped(text) {
  const match = /^\s*([a-z_]+(?:\.[A-Za-z0-9_.-]+)?)\s*:\s*(.*)$/s.exec(text);
  if (!match) return null;
  const value = match[2].trim();
  const quoted = /^"(.*)"?$/s.exec(value);
  return [match[1], quoted ? quoted[1].replace(/"$/, "") : value];
}

/** How a field is typed: `jobs.state`, whose first part only says which list it is of, as its label. */
export const nameOf = (field) => (field.key.includes(".") && !field.key.endsWith(".") ? field.label : field.key);

/** The key of a pair of this field, of which `typed` was typed. */
export const keyOf = (field, typed) => (field.key.endsWith(".") ? typed : field.key);

/** The field that a typed key names: itself, or an open one such as `payload.` with its own key behind the dot. */
export function findField(fields, key) {
  return fields.find((field) => field.key === key || nameOf(field) === key) ?? fields.find((field) => field.key.endsWith(".") && key.startsWith(field.key) && key.length > field.key.length);
}

/** The query string after adding a pair; a field that takes one value replaces its old one. */
export function withPair(pairs, field, key, value) {
  const rest = pairs.filter(([name, old]) => (field.many ? name !== key || old !== value : name !== key));
  return new URLSearchParams([...rest, [key, value]]).toString();
}

export function withoutPair(pairs, key, value) {
  const at = pairs.findIndex(([name, old]) => name === key && old === value);
  return new URLSearchParams(pairs.filter((_, index) => index !== at)).toString();
}

const MAX_VALUES = 8;

/**
 * What to offer for the typed text: options are {kind: "field" | "value", key, value, field}.
 * A field's values first when one is named; else fields that begin so, then values that contain it, then free text.
 */
export function suggest(fields, values, text) {
  const typed = splitTyped(text);
  const known = (key) => (Object.hasOwn(values, key) ? values[key] : []);
  if (typed) {
    const [key, part] = typed;
    const field = findField(fields, key);
    if (!field) return [];
    const lower = part.toLowerCase();
    const own = keyOf(field, key);
    const hits = known(own).filter((value) => String(value).toLowerCase().includes(lower));
    const options = hits.slice(0, MAX_VALUES).map((value) => ({ kind: "value", key: own, value: String(value), field }));
    if (field.free && part && !hits.includes(part)) options.unshift({ kind: "value", key: own, value: part, field });
    return options;
  }
  const word = text.trim();
  const lower = word.toLowerCase();
  const named = fields.filter((field) => nameOf(field).startsWith(lower) || field.label.toLowerCase().startsWith(lower));
  const options = named.map((field) => ({ kind: "field", key: field.key, value: "", field }));
  if (!word) return options;
  for (const field of fields) {
    for (const value of known(field.key)) {
      if (String(value).toLowerCase().includes(lower) && options.length < MAX_VALUES + named.length) {
        options.push({ kind: "value", key: field.key, value: String(value), field });
      }
    }
  }
  for (const field of fields.filter((field) => field.plain)) options.push({ kind: "value", key: field.key, value: word, field });
  return options;
}
