/** An image of another study in a study of its own, for tests that add to it. */
import { randomInt } from 'node:crypto';
import type { APIRequestContext } from '@playwright/test';
import { storeFiles } from './fixtures';

interface Found {
  readonly [tag: string]: { readonly Value?: readonly (string | number | { readonly Alphabetic?: string })[] };
}

/** A UID below the arc for examples (ITU-T X.660), as long as another. */
function uidLike(uid: string): string {
  const root = '2.999.';
  return `${root}${Array.from({ length: uid.length - root.length }, () => randomInt(1, 10)).join('')}`;
}

/** A word that searches for the other do not find, as long as it. */
function reversed(word: string): string {
  return [...word].reverse().join('');
}

function replaced(file: Buffer, text: string, by: string): Buffer {
  return Buffer.from(file.toString('latin1').replaceAll(text, by), 'latin1');
}

/** Stores a copy of the first image of this modality, of another patient and day; its new study. */
export async function copyOf(
  request: APIRequestContext,
  baseURL: string | undefined,
  study: string,
  modality: string,
): Promise<string> {
  const instances = `/dicom-web/studies/${study}/instances?Modality=${modality}&includefield=00100010,00100020,00080020`;
  const answer = await request.get(instances, { headers: { Accept: 'application/dicom+json' } });
  const [first] = (await answer.json()) as Found[];
  const value = (tag: string) => {
    const [found] = first?.[tag]?.Value ?? [];
    return typeof found === 'object' ? (found.Alphabetic ?? '') : String(found ?? '');
  };
  const [series, instance] = [value('0020000E'), value('00080018')];
  const address = `/dicom-web/studies/${study}/series/${series}/instances/${instance}`;
  const file = await request.get(address, { headers: { Accept: 'application/dicom; transfer-syntax=*' } });
  const copied = uidLike(study);
  const [name, id, day] = [value('00100010'), value('00100020'), value('00080020')];
  const others = [
    [study, copied],
    [series, uidLike(series)],
    [instance, uidLike(instance)],
    [name, reversed(name)],
    [id, reversed(id)],
    [day, '19010203'],
  ] as const;
  const copy = others.reduce(
    (bytes, [text, by]) => (text === '' ? bytes : replaced(bytes, text, by)),
    await file.body(),
  );
  await storeFiles(request, baseURL, [copy]);
  return copied;
}
