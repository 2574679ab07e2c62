/**
 * The windows of one reader: the list here, the images in a second one, on another monitor if there is one. The window of the
 * images has a name, so it is found again by a list that was loaded anew; it is told what to show, and answers.
 */
import * as v from 'valibot';
import { type StudyInstanceUid, studyInstanceUid } from '../dicomweb/uid';

const channelName = 'filmless.windows';
export const imagesWindow = 'filmless-images';

/** Longer than a page needs that is there; one that does not answer is loaded anew. */
const answerMs = 1500;

const messageSchema = v.variant('kind', [
  v.object({ kind: v.literal('show'), study: v.string() }),
  v.object({ kind: v.literal('showing'), study: v.string() }),
  v.object({ kind: v.literal('marked'), study: v.string(), read: v.picklist(['unread', 'read', 'changed']) }),
]);
type Message = v.InferOutput<typeof messageSchema>;
type Heard = Message & { readonly study: StudyInstanceUid };

let channel: BroadcastChannel | undefined;

/** Tells the other windows. */
export function tell(message: Message): void {
  channel ??= new BroadcastChannel(channelName);
  channel.postMessage(message);
}

/** Hears the other windows until the returned function is called. */
export function hear(listener: (message: Heard) => void): () => void {
  const own = new BroadcastChannel(channelName);
  own.onmessage = ({ data }: MessageEvent<unknown>) => {
    const parsed = v.safeParse(messageSchema, data);
    const study = parsed.success ? studyInstanceUid(parsed.output.study) : undefined;
    if (parsed.success && study) {
      listener({ ...parsed.output, study });
    }
  };
  return () => own.close();
}

function addressOf(study: StudyInstanceUid): string {
  return `/studies/${study}`;
}

/** Where the images go: all of another screen if the browser tells of one, else beside the list. */
async function placeOf(): Promise<string> {
  const beside = `popup,left=${window.screenX + 60},top=${window.screenY + 40},width=${window.outerWidth},height=${window.outerHeight}`;
  const { screen } = window as { screen: Screen & { isExtended?: boolean } };
  const { getScreenDetails } = window as { getScreenDetails?: () => Promise<ScreenDetails> };
  if (screen.isExtended !== true || getScreenDetails === undefined) {
    return beside;
  }
  try {
    const { screens, currentScreen } = await getScreenDetails.call(window);
    const other = screens.find((candidate) => candidate !== currentScreen);
    return other
      ? `popup,left=${other.availLeft},top=${other.availTop},width=${other.availWidth},height=${other.availHeight}`
      : beside;
  } catch {
    // The reader does not let pages know the screens.
    return beside;
  }
}

interface ScreenDetails {
  readonly screens: readonly DetailedScreen[];
  readonly currentScreen: DetailedScreen;
}

interface DetailedScreen {
  readonly availLeft: number;
  readonly availTop: number;
  readonly availWidth: number;
  readonly availHeight: number;
}

let images: Window | undefined;

/** Shows a study in the window of the images; false if the browser does not let it open. */
export async function showInSecondWindow(study: StudyInstanceUid): Promise<boolean> {
  if (images === undefined || images.closed) {
    // A window of this name that is there comes as it is; without one, an empty window opens.
    const opened = window.open('', imagesWindow, await placeOf());
    if (opened === null) {
      return false;
    }
    images = opened;
    if (opened.location.href === 'about:blank') {
      opened.location.href = addressOf(study);
      opened.focus();
      return true;
    }
  }
  const target = images;
  target.focus();
  const stop = hear((message) => {
    if (message.kind === 'showing' && message.study === study) {
      window.clearTimeout(timer);
      stop();
    }
  });
  const timer = window.setTimeout(() => {
    stop();
    if (!target.closed) {
      target.location.href = addressOf(study);
    }
  }, answerMs);
  tell({ kind: 'show', study });
  return true;
}

/** In the window of the images: shows what the list asks for. */
export function followList(show: (study: StudyInstanceUid) => void): void {
  hear((message) => {
    if (message.kind === 'show') {
      show(message.study);
      tell({ kind: 'showing', study: message.study });
    }
  });
}
