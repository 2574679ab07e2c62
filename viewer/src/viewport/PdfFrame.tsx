/**
 * A PDF, shown by the browser's own viewer in a frame; pages, search and print are the viewer's.
 *
 * A PDF is a peer's and may hold scripts. They run in that viewer, which gives them no access to this page. What could hurt
 * is something else under the name of a PDF, so the frame has the address of the server's answer, whose headers say that it is
 * `application/pdf` and nothing may be guessed. A blob: would be of our origin and without these headers; a sandbox, tighter
 * still, keeps Chromium's viewer from starting. The page's policy lets a frame show our own origin alone (`frame-src 'self'`),
 * and of our origin only documents and reports let themselves be framed (`frame-ancestors`), so no document leads a frame elsewhere.
 */
import { useEffect, useRef } from 'react';

export function PdfFrame(props: { readonly address: string; readonly title: string; readonly onActivate: () => void }) {
  const frameRef = useRef<HTMLIFrameElement>(null);
  const { onActivate } = props;

  // What is done in the frame does not reach the page, but that the page loses the focus to it.
  useEffect(() => {
    const onBlur = () => {
      if (document.activeElement === frameRef.current) {
        onActivate();
      }
    };
    window.addEventListener('blur', onBlur);
    return () => window.removeEventListener('blur', onBlur);
  }, [onActivate]);

  // A series that is dragged over the frame would be the viewer's, not the viewport's.
  useEffect(() => {
    const setTransparent = (isTransparent: boolean) => () => {
      if (frameRef.current) {
        frameRef.current.style.pointerEvents = isTransparent ? 'none' : '';
      }
    };
    const [onStart, onEnd] = [setTransparent(true), setTransparent(false)];
    // What is dragged keeps these events to itself on their way up.
    document.addEventListener('dragstart', onStart, { capture: true });
    document.addEventListener('dragend', onEnd, { capture: true });
    return () => {
      document.removeEventListener('dragstart', onStart, { capture: true });
      document.removeEventListener('dragend', onEnd, { capture: true });
    };
  }, []);

  return (
    <iframe
      ref={frameRef}
      src={`${props.address}#navpanes=0&view=FitH`}
      title={props.title}
      data-testid="pdf"
      className="absolute inset-0 size-full border-0"
    />
  );
}
