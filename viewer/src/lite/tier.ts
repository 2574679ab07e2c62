/** Which viewer a study opens in: quick pictures made by the server, or the full viewer behind them. */

const storageKey = 'filmless.tier';

export type Tier = 'lite' | 'full';

/** What a device says of itself. */
export interface Device {
  readonly isPhone: boolean;
  readonly savesData: boolean;
  /** In GiB as browsers round it; undefined where they do not say. */
  readonly memory: number | undefined;
  hasWebGl2(): boolean;
}

function isTier(value: string | null): value is Tier {
  return value === 'lite' || value === 'full';
}

/** The choice in the address, else the one remembered, else what suits the device. */
export function tierOf(asked: string | null, remembered: string | null, device: Device): Tier {
  if (isTier(asked)) {
    return asked;
  }
  if (isTier(remembered)) {
    return remembered;
  }
  const isWeak = (device.memory ?? 8) <= 4 && !device.hasWebGl2();
  return device.isPhone || device.savesData || isWeak ? 'lite' : 'full';
}

interface Hints {
  readonly userAgentData?: { readonly mobile?: boolean };
  readonly connection?: { readonly saveData?: boolean };
  readonly deviceMemory?: number;
}

function thisDevice(): Device {
  const hints: Hints = navigator as Hints;
  const isSmall = Math.min(screen.width, screen.height) < 600 && matchMedia('(pointer: coarse)').matches;
  return {
    isPhone: hints.userAgentData?.mobile === true || isSmall,
    savesData: hints.connection?.saveData === true,
    memory: hints.deviceMemory,
    hasWebGl2: () => document.createElement('canvas').getContext('webgl2') !== null,
  };
}

/** The tier of this reader on this device. A choice in the address is remembered. */
export function presentTier(): Tier {
  const asked = new URLSearchParams(location.search).get('tier');
  if (isTier(asked)) {
    chooseTier(asked);
  }
  return tierOf(asked, localStorage.getItem(storageKey), thisDevice());
}

export function chooseTier(tier: Tier): void {
  localStorage.setItem(storageKey, tier);
}
