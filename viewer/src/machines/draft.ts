/** A machine's settings as a form has them: texts, and lists in order. */
import type { Peer, PeerSettings } from '../server/machines';

export const rights = ['store', 'query', 'retrieve', 'replace', 'worklist'] as const;
export const characters = ['utf-8', 'ascii'] as const;
export const names = ['as-ordered', 'whole', 'parsed'] as const;
/** Where a machine may have images moved to. */
export const reaches = ['all', 'none', 'only'] as const;

export interface Draft {
  readonly aeTitle: string;
  readonly address: string;
  readonly port: string;
  readonly tls: boolean;
  readonly allow: readonly string[];
  readonly characters: string;
  readonly names: string;
  readonly maxEntries: string;
  readonly certificate: string;
  readonly reach: (typeof reaches)[number];
  readonly destinations: readonly string[];
  readonly accepted: readonly string[];
  readonly offered: readonly string[];
  readonly maxAssociations: string;
  readonly availability: boolean;
  readonly issuer: string;
  readonly department: string;
  readonly machineCode: string;
}

/** What a form begins with: a machine that is known, or a new one that may store. */
export function draftOf(peer: Peer | undefined): Draft {
  const listed = peer?.move_destinations;
  return {
    aeTitle: peer?.ae_title ?? '',
    address: peer?.address ?? '',
    port: peer?.port?.toString() ?? '',
    tls: peer?.tls ?? false,
    allow: peer?.allow ?? ['store'],
    characters: peer?.worklist?.characters ?? 'utf-8',
    names: peer?.worklist?.names ?? 'as-ordered',
    maxEntries: peer?.worklist?.max_entries?.toString() ?? '',
    certificate: peer?.certificate ?? '',
    reach: listed ? (listed.length === 0 ? 'none' : 'only') : 'all',
    destinations: listed ?? [],
    accepted: peer?.accepted_transfer_syntaxes ?? [],
    offered: peer?.offered_transfer_syntaxes ?? [],
    maxAssociations: peer?.max_associations?.toString() ?? '',
    availability: peer?.instance_availability ?? false,
    issuer: peer?.issuer_of_patient_id ?? '',
    department: peer?.department ?? '',
    machineCode: peer?.machine_code ?? '',
  };
}

const textOf = (value: string) => (value.trim() === '' ? null : value.trim());
const numberOf = (value: string) => (value.trim() === '' ? null : Number(value));

/** What is sent. Settings of the machine that no field here shows stay as they are. */
export function settingsOf(draft: Draft, peer: Peer | undefined): PeerSettings {
  const { ae_title: _named, ...kept } = peer ?? { ae_title: '' };
  const destinations = { all: null, none: [], only: draft.destinations };
  return {
    ...kept,
    address: textOf(draft.address),
    port: numberOf(draft.port),
    tls: draft.tls,
    allow: rights.filter((right) => draft.allow.includes(right)),
    worklist: { characters: draft.characters, names: draft.names, max_entries: numberOf(draft.maxEntries) },
    certificate: textOf(draft.certificate),
    move_destinations: destinations[draft.reach],
    accepted_transfer_syntaxes: draft.accepted,
    offered_transfer_syntaxes: draft.offered,
    max_associations: numberOf(draft.maxAssociations),
    instance_availability: draft.availability,
    issuer_of_patient_id: textOf(draft.issuer),
    department: textOf(draft.department),
    machine_code: textOf(draft.machineCode),
  };
}

const isWhole = (value: string, from: number, to: number) => {
  const number = numberOf(value);
  return number === null || (Number.isInteger(number) && number >= from && number <= to);
};

/** The first field that cannot be sent so, by the name that the server has for it. */
export function firstWrong(draft: Draft): string | undefined {
  const most = 0xff_ff_ff_ff;
  const checks: Readonly<Record<string, boolean>> = {
    ae_title: /^[ -[\]-~]{1,16}$/.test(draft.aeTitle.trim()),
    port: isWhole(draft.port, 1, 65_535),
    max_entries: isWhole(draft.maxEntries, 1, most),
    max_associations: isWhole(draft.maxAssociations, 1, most),
  };
  return Object.keys(checks).find((field) => checks[field] === false);
}

/** A list with the value at `place` moved by one, up (-1) or down (1). */
export function moved<Value>(list: readonly Value[], place: number, by: -1 | 1): readonly Value[] {
  const next = [...list];
  const [value] = next.splice(place, 1);
  next.splice(place + by, 0, ...(value === undefined ? [] : [value]));
  return next;
}
