/** What a node is searched for, as match keys of C-FIND (PS3.4 section C.2.2.2, Attribute Matching). */

/** As in the form; what is empty is not searched for. Days are `YYYY-MM-DD`. */
export interface RemoteFilters {
  readonly name: string;
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly modality: string;
}

export const noFilters: RemoteFilters = { name: '', id: '', from: '', to: '', modality: '' };

/** Characters that part values or components. */
function literal(text: string): string {
  return text.replace(/[\\^=]/g, ' ').trim();
}

/**
 * Nodes compare names as they are written, components with carets between them. So the words may have anything between,
 * unless wild cards say otherwise.
 */
function nameKey(name: string): string {
  const words = literal(name).split(/\s+/);
  return /[*?]/.test(name) ? words.join('*') : `*${words.join('*')}*`;
}

/** The match keys of a search; none if nothing is searched for. */
export function remoteKeys(filters: RemoteFilters): URLSearchParams {
  const keys = new URLSearchParams();
  const set = (key: string, value: string) => (value === '' ? undefined : keys.set(key, value));
  set('PatientName', literal(filters.name) === '' ? '' : nameKey(filters.name));
  set('PatientID', literal(filters.id));
  const [from, to] = [filters.from, filters.to].map((day) => day.replaceAll('-', ''));
  set('StudyDate', from === '' && to === '' ? '' : `${from}-${to}`);
  set('ModalitiesInStudy', filters.modality);
  return keys;
}
