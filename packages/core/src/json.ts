/** A value that JSON can hold. */
export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue };

/** An object that JSON can hold. */
export type JsonObject = { [key: string]: JsonValue };
