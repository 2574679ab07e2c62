/** Hangs a study when it is opened, and keeps up what it could be hung by. */
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import * as v from 'valibot';
import type { StudyInstanceUid } from '../dicomweb/uid';
import { settingOf, useSettings } from '../settings/useSettings';
import type { Reading } from '../viewport/readingState';
import { builtInProtocols } from './builtIn';
import { ofImages, ofSeries } from './candidates';
import { ownQuery, priorQuery } from './hangable';
import { hangBy } from './hanging';
import { fitting } from './matching';
import { ownProtocolSchema, type Protocol } from './protocol';

export const hangingSetting = 'hanging';
export const ownPrefix = 'hanging.';
export const hangingSettingSchema = v.object({ automatic: v.boolean() });

/** The protocols that the reader saved. */
export function ownProtocols(settings: Readonly<Record<string, unknown>> | undefined): Protocol[] {
  return Object.entries(settings ?? {}).flatMap(([id, value]) => {
    const parsed = id.startsWith(ownPrefix) ? v.safeParse(ownProtocolSchema, value) : undefined;
    return parsed?.success ? [{ id, ...parsed.output }] : [];
  });
}

/** Whether it is still to be decided how the study is hung; until then nothing is put anywhere. */
export function useHanging(reading: Reading, uid: StudyInstanceUid, isFresh: boolean): boolean {
  const settings = useSettings();
  const own = useQuery(ownQuery(uid));
  const prior = useQuery({ ...priorQuery(uid), enabled: own.isSuccess });
  const isAutomatic =
    isFresh && settingOf(settings.data, hangingSetting, hangingSettingSchema, { automatic: true }).automatic;
  const [isHung, setHung] = useState(false);

  const hung = own.data;
  const earlier = prior.data;
  const knowsPriors = prior.isSuccess || prior.isError;
  const isSet = settings.isSuccess || settings.isError;
  useEffect(() => {
    if (!hung || !isSet) {
      return;
    }
    const all = { series: ofSeries(hung, false), image: ofImages(hung, false) };
    const candidates = {
      series: [...all.series, ...(earlier ? ofSeries(earlier, true) : [])],
      image: [...all.image, ...(earlier ? ofImages(earlier, true) : [])],
    };
    const protocols = fitting(
      [...ownProtocols(settings.data), ...builtInProtocols],
      hung.study.studyDescription,
      (unit) => candidates[unit],
    );
    reading.store.setState(({ hanging }) => ({ hanging: { ...hanging, candidates, protocols, knowsPriors } }));
    const waits = !knowsPriors && protocols[0]?.stages[0]?.cells.some((cell) => cell?.isPrior);
    if (isAutomatic && !isHung && !waits) {
      setHung(true);
      protocols.some((protocol) => hangBy(reading, protocol));
    }
  }, [reading, hung, earlier, knowsPriors, isSet, settings.data, isAutomatic, isHung]);

  const isDecided = isHung || own.isError || own.data === null;
  return isFresh && !isDecided && (!isSet || isAutomatic);
}
