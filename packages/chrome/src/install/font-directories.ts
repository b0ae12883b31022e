import { fileURLToPath } from 'node:url';

/** Regular weights of Noto Sans, one package for each script, all under the Open Font License. */
const SCRIPTS = [
  'noto-color-emoji',
  'noto-sans-arabic',
  'noto-sans-armenian',
  'noto-sans-bengali',
  'noto-sans-devanagari',
  'noto-sans-ethiopic',
  'noto-sans-georgian',
  'noto-sans-gujarati',
  'noto-sans-gurmukhi',
  'noto-sans-hebrew',
  'noto-sans-kannada',
  'noto-sans-khmer',
  'noto-sans-lao',
  'noto-sans-malayalam',
  'noto-sans-mono',
  'noto-sans-myanmar',
  'noto-sans-oriya',
  'noto-sans-sinhala',
  'noto-sans-symbols',
  'noto-sans-symbols-2',
  'noto-sans-tamil',
  'noto-sans-telugu',
  'noto-sans-thai',
];
/** Chinese (with the traditional characters), Japanese and Korean, all weights, under the same license. */
const EAST_ASIAN = ['fonts-sc', 'fonts-jp', 'fonts-kr'];

/** The directories of the fonts that npm installed. */
export function fontDirectories(): string[] {
  return [
    ...SCRIPTS.map((name) => new URL('400Regular/', import.meta.resolve(`@expo-google-fonts/${name}`))),
    ...EAST_ASIAN.map((name) => new URL('../fonts/', import.meta.resolve(`@embedpdf/${name}`))),
  ].map((url) => fileURLToPath(url));
}
