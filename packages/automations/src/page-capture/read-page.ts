/** What a page shows. */
export type PageContent = {
  /** How many characters, counted to a thousand. */
  text: number;
  /** Whether there are pictures, forms and the like. */
  media: boolean;
  /** Whether there are backgrounds. */
  paint: boolean;
  /** Whether it says that it leads elsewhere. */
  leadsOn: boolean;
};

/** What a page shows at the moment. Runs in the page. */
export function readPage(): PageContent {
  const MAX_ELEMENTS = 20_000;
  const LEADS_ON = /\bredirect|\b(you will be|you are being) (taken|sent|forwarded|transferred)\b/i;
  const shown = { text: 0, media: false, paint: false, leadsOn: false };
  const body = document.body ?? document.documentElement;
  if (!body) return shown;
  // Of what is not HTML the browser draws a view of its own.
  if (!document.contentType.includes('html')) return { text: 1000, media: true, paint: true, leadsOn: false };
  const isVisible = (element: Element) =>
    element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  const hasArea = ({ width, height, right, bottom }: DOMRect) =>
    width > 1 && height > 1 && right > 0 && bottom + scrollY > 0;
  const range = document.createRange();
  const roots: Node[] = [body];
  let count = 0;
  for (let root = roots.pop(); root; root = roots.pop()) {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    let node: Node | null = root;
    for (; node && count < MAX_ELEMENTS && shown.text < 1000; node = walker.nextNode(), count += 1) {
      if (node instanceof Text) {
        const length = node.data.trim().length;
        const parent = node.parentElement ?? (root instanceof ShadowRoot ? root.host : null);
        if (length === 0 || !parent || !isVisible(parent)) continue;
        range.selectNodeContents(node);
        if (!hasArea(range.getBoundingClientRect())) continue;
        shown.text += length;
        shown.leadsOn ||= LEADS_ON.test(node.data);
      } else if (node instanceof Element) {
        if (node.shadowRoot) roots.push(node.shadowRoot);
        const isMedia = node.matches(
          'img, svg, canvas, video, iframe, frame, object, embed, input, button, select, textarea',
        );
        // The closed shadow root of a custom element cannot be read.
        const isClosed = !node.shadowRoot && node.localName.includes('-') && node.childNodes.length === 0;
        if (shown.paint && !isMedia && !isClosed) continue;
        const style = getComputedStyle(node);
        const isBoxless = isClosed && style.display === 'contents';
        if (!isBoxless && !(isVisible(node) && hasArea(node.getBoundingClientRect()))) continue;
        if (isMedia || isClosed) shown.media = true;
        const { backgroundImage, backgroundColor, content } = style;
        const isPainted = backgroundImage !== 'none' || !/^rgba\(.*, 0\)$|transparent/.test(backgroundColor);
        const before = getComputedStyle(node, '::before').content;
        if (isPainted || !['none', 'normal'].includes(before) || !['none', 'normal'].includes(content))
          shown.paint = true;
      }
    }
  }
  return shown;
}
