/**
 * What a page shows at the moment, by kind. Runs in the page.
 *
 * `text`: how many characters, counted to a thousand; `media`: pictures, forms and the like; `paint`: backgrounds alone.
 */
export function readPage(): { text: number; media: boolean; paint: boolean } {
  const MAX_ELEMENTS = 20_000;
  const shown = { text: 0, media: false, paint: false };
  const root = document.body ?? document.documentElement;
  if (!root) return shown;
  // Of what is not HTML the browser draws a view of its own.
  if (!document.contentType.includes('html')) return { text: 1000, media: true, paint: true };
  const isVisible = (element: Element) =>
    element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  const hasArea = ({ width, height, right, bottom }: DOMRect) =>
    width > 1 && height > 1 && right > 0 && bottom + scrollY > 0;
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  let node: Node | null = root;
  for (let count = 0; node && count < MAX_ELEMENTS && shown.text < 1000; count += 1) {
    if (node instanceof Text) {
      const length = node.data.trim().length;
      if (length > 0 && node.parentElement && isVisible(node.parentElement)) {
        range.selectNodeContents(node);
        if (hasArea(range.getBoundingClientRect())) shown.text += length;
      }
    } else if (node instanceof Element) {
      const isMedia = node.matches(
        'img, svg, canvas, video, iframe, object, embed, input, button, select, textarea',
      );
      const isHost = node.shadowRoot !== null;
      if ((isMedia || isHost || !shown.paint) && isVisible(node) && hasArea(node.getBoundingClientRect())) {
        if (isMedia || isHost) shown.media = true;
        const { backgroundImage, backgroundColor, content } = getComputedStyle(node);
        const isPainted = backgroundImage !== 'none' || !/^rgba\(.*, 0\)$|transparent/.test(backgroundColor);
        const before = getComputedStyle(node, '::before').content;
        if (isPainted || !['none', 'normal'].includes(before) || !['none', 'normal'].includes(content))
          shown.paint = true;
      }
    }
    node = walker.nextNode();
  }
  return shown;
}
