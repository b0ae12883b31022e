import type { LiveFrame } from '@gantry/client';
import { useEffect, useRef } from 'react';

import { cn } from '../ui/cn.ts';

/** The newest picture of a running page. It is drawn when it has been decoded, so nothing flickers. */
export function LivePicture({
  frame,
  label,
  className,
}: {
  frame: LiveFrame;
  label: string;
  className?: string | undefined;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    let isNewest = true;
    createImageBitmap(frame.image)
      .then((bitmap) => {
        if (!isNewest || !canvas.current) return bitmap.close();
        canvas.current.width = bitmap.width;
        canvas.current.height = bitmap.height;
        return canvas.current.getContext('bitmaprenderer')?.transferFromImageBitmap(bitmap);
      })
      // A picture that cannot be decoded is left out: the next one comes.
      .catch(() => {});
    return () => {
      isNewest = false;
    };
  }, [frame]);
  return (
    // An <img> would show nothing between one picture and the next.
    // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role
    <canvas ref={canvas} role="img" aria-label={label} className={cn('block object-contain', className)} />
  );
}
