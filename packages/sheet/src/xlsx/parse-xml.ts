/// <reference path="./saxen.d.ts" />
import { Parser } from 'saxen';

import { LIMITS } from '../limits.ts';
import { damaged } from '../zip/read-directory.ts';

/** What a reader of XML wants to hear of. Names of elements come without their prefix. */
export type XmlReader = {
  open?: (name: string, attributes: () => Record<string, string>) => void;
  /** May be called several times for the text of one element. */
  text?: (text: string) => void;
  close?: (name: string) => void;
  /** Whether the rest is not needed. */
  isDone?: () => boolean;
};

/**
 * Parses a document as it is unpacked, so that it is never in memory as a whole.
 *
 * @throws {SheetError} FILE_MALFORMED for what is not well-formed, is nested too deep, or has a DOCTYPE, which workbooks
 * must not have and which could define entities that grow
 */
export function parseXml(chunks: Iterable<Uint8Array>, reader: XmlReader): void {
  const parser = new Parser();
  const decode = createDecoder();
  let depth = 0;
  // The parser looks at an incomplete token again with each piece: a bound keeps that from becoming quadratic.
  let sinceToken = 0;
  const onToken = () => {
    sinceToken = 0;
  };
  parser.on('error', (cause) => {
    throw damaged({ cause });
  });
  parser.on('attention', () => {
    throw damaged();
  });
  parser.on('comment', onToken).on('question', onToken);
  parser.on('openTag', (name, readAttributes) => {
    sinceToken = 0;
    depth += 1;
    if (depth > LIMITS.xmlDepth) throw damaged();
    reader.open?.(withoutPrefix(name), () => decodeAttributes(readAttributes(), decode));
  });
  parser.on('closeTag', (name) => {
    sinceToken = 0;
    depth -= 1;
    reader.close?.(withoutPrefix(name));
  });
  parser.on('text', (text) => {
    sinceToken = 0;
    reader.text?.(decode(text));
  });
  parser.on('cdata', (text) => {
    sinceToken = 0;
    reader.text?.(text);
  });
  let decoder: Decoder | null = null;
  for (const chunk of chunks) {
    decoder ??= decoderFor(chunk);
    for (let start = 0; start < chunk.length; start += PIECE) {
      const xml = decoder.decode(chunk.subarray(start, start + PIECE), { stream: true });
      sinceToken += xml.length;
      parser.write(xml);
      if (sinceToken > LIMITS.xmlToken) throw damaged();
      if (reader.isDone?.()) return;
    }
  }
  parser.end();
}

/** Bytes that are parsed at a time: about as many as a token may have, so that few are looked at twice. */
const PIECE = 262_144;

/** Not every program that uses this has the DOM's types. */
type Decoder = InstanceType<typeof TextDecoder>;

/** By the byte order mark, or a `<` of two bytes, else by the declaration, else UTF-8. */
function decoderFor(start: Uint8Array): Decoder {
  const [first, second] = start;
  if ((first === 0xff && second === 0xfe) || (first === 0x3c && second === 0))
    return new TextDecoder('utf-16le');
  if ((first === 0xfe && second === 0xff) || (first === 0 && second === 0x3c))
    return new TextDecoder('utf-16be');
  const declaration = new TextDecoder('latin1').decode(start.subarray(0, 100));
  const [, encoding = 'utf-8'] = /^<\?xml[^>]*encoding\s*=\s*["']([^"']+)/i.exec(declaration) ?? [];
  try {
    return new TextDecoder(encoding);
  } catch (cause) {
    throw damaged({ cause });
  }
}

function withoutPrefix(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

function decodeAttributes(
  attributes: Record<string, string>,
  decode: (text: string) => string,
): Record<string, string> {
  let count = 0;
  for (const name in attributes) {
    count += 1;
    if (count > LIMITS.xmlAttributes) throw damaged();
    attributes[name] = decode(attributes[name] ?? '');
  }
  return attributes;
}

/**
 * Replaces entities by their characters: the parser's own decoder cuts those above U+FFFF. Ampersands come last, so that
 * what they become is not taken for an entity.
 */
function createDecoder(): (text: string) => string {
  let references = 0;
  const decodeReference = (reference: string, hex: string | undefined, decimal: string | undefined) => {
    references += 1;
    if (references > LIMITS.xmlReferences) throw damaged();
    const code = hex ? Number.parseInt(hex, 16) : Number(decimal);
    if (code === 0x26) return '&amp;';
    return code <= 0x10_ff_ff ? String.fromCodePoint(code) : reference;
  };
  return (text) => {
    if (!text.includes('&')) return text;
    const plain = text
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&quot;', '"')
      .replaceAll('&apos;', "'");
    const decoded = plain.includes('&#')
      ? plain.replaceAll(/&#(?:x([0-9a-f]{1,8})|(\d{1,8}));/gi, decodeReference)
      : plain;
    return decoded.replaceAll('&amp;', '&');
  };
}

/** Whether an attribute of the type xsd:boolean is set. */
export function isTrue(value: string | undefined): boolean {
  return value === '1' || value === 'true';
}
