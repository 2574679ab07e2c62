/** What a viewport shows of a series, once it is known what the series holds. */
import type { InstanceAddress } from '../dicomweb/uid';
import type { OtherObject, SeriesContent } from '../imaging/frames';
import { isShownKind, type ShownObjectKind } from '../imaging/objects';
import type { Content } from './layout';

/** An object that a viewport can show. */
export type ShownObject = OtherObject & { readonly kind: ShownObjectKind };

export type ShownContent =
  | { readonly kind: 'pictures' }
  | { readonly kind: 'list' }
  | { readonly kind: 'object'; readonly object: ShownObject };

export function isShownObject(object: OtherObject): object is ShownObject {
  return isShownKind(object.kind);
}

/** Pictures come first, a single object opens by itself, and of several is chosen from a list. */
export function shownContent(content: Content, { frames, others }: SeriesContent): ShownContent {
  const shown = others.filter(isShownObject);
  const named = 'instance' in content ? content.instance : content.at?.instance;
  const wanted = shown.find(({ sopInstanceUid }) => sopInstanceUid === named);
  if (wanted) {
    return { kind: 'object', object: wanted };
  }
  if (frames.length > 0 && (content.kind === 'stack' || others.length === 0)) {
    return { kind: 'pictures' };
  }
  const [only] = shown;
  return only && content.kind === 'stack' && others.length === 1 ? { kind: 'object', object: only } : { kind: 'list' };
}

/** The instance that a viewport shows; of a list the first. */
export function shownInstance(content: Content, held: SeriesContent, index: number): InstanceAddress | undefined {
  const shown = shownContent(content, held);
  const shownFirst = { pictures: held.frames[index], list: held.others[0] };
  const { sopInstanceUid: instance } = (shown.kind === 'object' ? shown.object : shownFirst[shown.kind]) ?? {};
  return instance && { study: content.study, series: content.series, instance };
}
