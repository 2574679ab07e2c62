/**
 * Stands in for dcmjs, of which Cornerstone uses the dictionary, a listener that puts data sets together, a log and four
 * UIDs: all of dcmjs is a sixth of what comes before the first image. A test compares the two.
 */

interface Entry {
  /** As in (0010,0020). */
  readonly tag: string;
  readonly vr: string;
  readonly vm: string;
  readonly name: string;
}

interface Place {
  readonly parent: Place | null;
  // biome-ignore lint/suspicious/noExplicitAny: data sets in the making, of whatever form the filters give them
  readonly dest: any;
  readonly level: number;
  readonly tag?: string;
}

const methods = ['addTag', 'startObject', 'pop', 'value'] as const;

// biome-ignore lint/suspicious/noExplicitAny: filters hand on whatever they are given
type Act = (...given: any[]) => unknown;
type Filter = Partial<Record<(typeof methods)[number], Act>>;

/** Puts a data set together as it is told of attributes, items and values, each of which filters may change. */
class DicomMetadataListener {
  current: Place | null = null;
  addTag: Act = (tag: string, info?: { readonly vr?: string }) => {
    const { current } = this;
    const dest = { vr: info?.vr, Value: null };
    if (current?.dest) {
      current.dest[tag] = dest;
    }
    this.current = { parent: current, dest, level: current?.level ?? 0, tag };
  };
  startObject: Act = (dest: object = {}) => {
    const { current } = this;
    if (current) {
      this.value(dest);
    }
    this.current = { parent: current, dest, level: current ? current.level + 1 : 0 };
  };
  pop: Act = () => {
    const { dest, parent } = this.current as Place;
    if (dest.Value === null || (dest.Value?.length === 1 && (dest.Value[0] ?? null) === null)) {
      dest.Value = [];
    }
    this.current = parent;
    return dest;
  };
  value: Act = (value: unknown) => {
    const { dest } = this.current as Place;
    if (!Array.isArray(dest)) {
      dest.Value ??= [];
    }
    (Array.isArray(dest) ? dest : dest.Value).push(value);
  };

  constructor(_options: object, ...filters: readonly Filter[]) {
    for (const method of methods) {
      for (const filter of [...filters].reverse()) {
        const [next, act] = [this[method], filter[method]];
        if (act) {
          this[method] = (...given) => act.call(this, next, ...given);
        }
      }
    }
  }
}

/** Warnings and errors are told, as dcmjs does unless somebody asks for more. */
const log = {
  levels: { TRACE: 0, DEBUG: 1, INFO: 2, WARN: 3, ERROR: 4, SILENT: 5 },
  trace: () => undefined,
  debug: () => undefined,
  info: () => undefined,
  log: () => undefined,
  warn: (...words: unknown[]) => console.warn(...words),
  error: (...words: unknown[]) => console.error(...words),
  setLevel: () => undefined,
  setDefaultLevel: () => undefined,
  getLevel: () => 3,
  getLogger: (_name: string) => ({ ...log }),
};

/** PS3.5 Annex A (Transfer Syntax Specifications). */
const constants = {
  IMPLICIT_LITTLE_ENDIAN: '1.2.840.10008.1.2',
  EXPLICIT_LITTLE_ENDIAN: '1.2.840.10008.1.2.1',
  DEFLATED_EXPLICIT_LITTLE_ENDIAN: '1.2.840.10008.1.2.1.99',
  EXPLICIT_BIG_ENDIAN: '1.2.840.10008.1.2.2',
};

/** What Cornerstone imports, with a dictionary of these attributes. */
export function standIn(entries: readonly (readonly [tag: string, vr: string, vm: string, name: string])[]) {
  const dictionary: Record<string, Entry> = {};
  const nameMap: Record<string, Entry> = {};
  for (const [hex, vr, vm, name] of entries) {
    const entry = { tag: `(${hex.slice(0, 4)},${hex.slice(4)})`, vr, vm, name };
    dictionary[hex] = entry;
    nameMap[name] = entry;
  }
  return {
    data: { DicomMetaDictionary: { dictionary, nameMap } },
    utilities: { DicomMetadataListener },
    async: {},
    constants,
    log,
  };
}
