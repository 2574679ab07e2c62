/** Starting Cornerstone, once for the page. */
import { cache, Enums, getShouldUseCPURendering, imageRetrievalPoolManager, init } from '@cornerstonejs/core';
import { startFrameLoader } from './frameLoader';

let started = false;

const megabyte = 1024 * 1024;

/** Memory for decoded frames: a share of the device's, which browsers round and cap at 8 GiB. */
function cacheBytes(): number {
  const deviceGigabytes = 'deviceMemory' in navigator ? Number(navigator.deviceMemory) : 4;
  return Math.min(Math.max(deviceGigabytes, 1) * 256, 2048) * megabyte;
}

/** Starts the engine and the decoders. Answers whether drawing must do without the graphics card. */
export function startEngine(): { readonly cpu: boolean } {
  if (!started) {
    started = true;
    init();
    startFrameLoader();
    cache.setMaxCacheSize(cacheBytes());
    imageRetrievalPoolManager.setMaxSimultaneousRequests(Enums.RequestType.Interaction, 6);
    imageRetrievalPoolManager.setMaxSimultaneousRequests(Enums.RequestType.Prefetch, 4);
  }
  return { cpu: getShouldUseCPURendering() };
}
