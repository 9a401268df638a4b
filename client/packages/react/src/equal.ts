/** Tells whether two values say the same: what JSON could hold by its content, anything else by identity. */
export const equal = (one: unknown, other: unknown): boolean =>
  Object.is(one, other) ||
  (hasContent(one) &&
    hasContent(other) &&
    Object.keys({ ...one, ...other }).every((key) => equal(one[key], other[key])));

// By name: an object of another realm has another `Object`.
const hasContent = (value: unknown): value is Readonly<Record<string, unknown>> =>
  /^(Object|Array)$/.test(`${(value as object | null)?.constructor?.name}`);
