/** An image of another study in a study of its own, for tests that add to it. */
import { randomInt } from 'node:crypto';
import type { APIRequestContext } from '@playwright/test';
import { storeFiles } from './fixtures';

interface Found {
  readonly [tag: string]: { readonly Value?: readonly (string | number)[] };
}

/** A UID below the arc for examples (ITU-T X.660), as long as another. */
function uidLike(uid: string): string {
  const root = '2.999.';
  return `${root}${Array.from({ length: uid.length - root.length }, () => randomInt(1, 10)).join('')}`;
}

function replaced(file: Buffer, text: string, by: string): Buffer {
  return Buffer.from(file.toString('latin1').replaceAll(text, by), 'latin1');
}

/** Stores a copy of the first image of this modality; its new study. */
export async function copyOf(
  request: APIRequestContext,
  baseURL: string | undefined,
  study: string,
  modality: string,
): Promise<string> {
  const instances = `/dicom-web/studies/${study}/instances?Modality=${modality}&includefield=InstanceNumber`;
  const answer = await request.get(instances, { headers: { Accept: 'application/dicom+json' } });
  const [first] = (await answer.json()) as Found[];
  const value = (tag: string) => String(first?.[tag]?.Value?.[0]);
  const [series, instance] = [value('0020000E'), value('00080018')];
  const address = `/dicom-web/studies/${study}/series/${series}/instances/${instance}`;
  const file = await request.get(address, { headers: { Accept: 'application/dicom; transfer-syntax=*' } });
  const copied = uidLike(study);
  const uids = [
    [study, copied],
    [series, uidLike(series)],
    [instance, uidLike(instance)],
  ] as const;
  await storeFiles(request, baseURL, [uids.reduce((copy, [text, by]) => replaced(copy, text, by), await file.body())]);
  return copied;
}
