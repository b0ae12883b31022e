/** Hands a file over to the person, as a download. */
export function saveFile(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The download has been taken over by the browser by the next task.
  setTimeout(() => URL.revokeObjectURL(url));
}
