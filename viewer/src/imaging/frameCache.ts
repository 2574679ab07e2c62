/** How much memory decoded frames may take. */

const megabyte = 1024 * 1024;
/** Of a device of which nothing is known. */
const usualGigabytes = 4;
/** Phones up to here close a page that takes much more, whatever else is open. */
const smallGigabytes = 2;

/** A share of the device's memory, which browsers round and cap at 8 GiB; less of a small one. */
export function frameCacheBytes(deviceGigabytes = usualGigabytes): number {
  const share = deviceGigabytes <= smallGigabytes ? 96 : 160;
  return Math.min(Math.max(deviceGigabytes, 1) * share, 2048) * megabyte;
}
