/** The change feed of the archive as server-sent events: /api/events. The browser reconnects and resumes by itself. */
import * as v from 'valibot';
import { type StudyInstanceUid, studyInstanceUid } from '../dicomweb/uid';

const changeSchema = v.object({
  sequence: v.number(),
  kind: v.string(),
  study: v.string(),
});

/** Something happened to a study. */
export interface StudyChange {
  readonly study: StudyInstanceUid;
}

/** Reads the data of one `change` event. */
export function parseChange(data: string): StudyChange | undefined {
  try {
    const change = v.parse(changeSchema, JSON.parse(data));
    const study = studyInstanceUid(change.study);
    return study ? { study } : undefined;
  } catch {
    return undefined;
  }
}

/** Follows changes until the returned function is called. `onConnected` tells whether the feed is up. */
export function followChanges(
  onChange: (change: StudyChange) => void,
  onConnected: (connected: boolean) => void,
): () => void {
  const source = new EventSource('/api/events');
  source.addEventListener('open', () => onConnected(true));
  source.addEventListener('error', () => onConnected(false));
  source.addEventListener('change', (event: MessageEvent<unknown>) => {
    const change = typeof event.data === 'string' ? parseChange(event.data) : undefined;
    if (change) {
      onChange(change);
    }
  });
  return () => source.close();
}
