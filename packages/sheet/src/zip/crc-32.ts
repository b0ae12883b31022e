/** Four tables: four bytes are looked up at a time, for speed. */
const TABLES = makeTables();

/**
 * The checksum of zip archives (ISO 3309, polynomial 0xEDB88320).
 *
 * @param previous the checksum of what comes before the bytes
 */
export function crc32(bytes: Uint8Array, previous = 0): number {
  let crc = ~previous;
  let at = 0;
  for (; at + 4 <= bytes.length; at += 4) {
    crc ^=
      byteAt(bytes, at) |
      (byteAt(bytes, at + 1) << 8) |
      (byteAt(bytes, at + 2) << 16) |
      (byteAt(bytes, at + 3) << 24);
    crc =
      entry(768 + (crc & 0xff)) ^
      entry(512 + ((crc >>> 8) & 0xff)) ^
      entry(256 + ((crc >>> 16) & 0xff)) ^
      entry(crc >>> 24);
  }
  for (; at < bytes.length; at++) crc = entry((crc ^ byteAt(bytes, at)) & 0xff) ^ (crc >>> 8);
  return ~crc >>> 0;
}

function byteAt(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0;
}

function entry(at: number): number {
  return TABLES[at] ?? 0;
}

function makeTables(): Int32Array {
  const tables = new Int32Array(1024);
  for (let index = 0; index < 256; index++) {
    let value = index;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xed_b8_83_20 : value >>> 1;
    tables[index] = value;
  }
  for (let index = 256; index < 1024; index++) {
    const value = tables[index - 256] ?? 0;
    tables[index] = (value >>> 8) ^ (tables[value & 0xff] ?? 0);
  }
  return tables;
}
