/** For a region that scrolls by itself: it must be reachable, and so scrollable, without a mouse. */
export const SCROLL_REGION = { tabIndex: 0 } as const;
