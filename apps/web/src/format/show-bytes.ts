/** A ref that shows bytes in an image as long as it is in the page, and lets go of them with it. */
export function showBytes(bytes: Blob) {
  return (image: HTMLImageElement | null) => {
    if (!image) return undefined;
    const url = URL.createObjectURL(bytes);
    image.src = url;
    return () => URL.revokeObjectURL(url);
  };
}
