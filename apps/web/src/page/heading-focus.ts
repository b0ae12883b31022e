/**
 * After a change of page the focus goes to the new page's heading, so that a screen reader says where one
 * has arrived. The heading may come later than the page, when it is the name of something to be loaded.
 */
let awaited: { focusedBefore: Element | null } | null = null;

/** A change of page begins: the next heading to appear is meant. */
export function awaitHeading(): void {
  awaited = { focusedBefore: document.activeElement };
}

/** A heading is on the page. It gets the focus if one was awaited and the user has not moved on since. */
export function offerHeading(heading: HTMLElement | null): void {
  if (!awaited || !heading) return;
  const { activeElement } = document;
  if (activeElement === awaited.focusedBefore || activeElement === document.body) {
    heading.focus({ preventScroll: true });
  }
  awaited = null;
}
