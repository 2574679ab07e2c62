/** Starting Cornerstone, once for the page. */
import { cache, Enums, getShouldUseCPURendering, imageRetrievalPoolManager, init } from '@cornerstonejs/core';
import { frameCacheBytes } from '../imaging/frameCache';
import { startFrameLoader } from './frameLoader';

let started = false;

/** Starts the engine and the decoders. Answers whether drawing must do without the graphics card. */
export function startEngine(): { readonly cpu: boolean } {
  if (!started) {
    started = true;
    init();
    startFrameLoader();
    const deviceGigabytes = 'deviceMemory' in navigator ? Number(navigator.deviceMemory) : undefined;
    cache.setMaxCacheSize(frameCacheBytes(deviceGigabytes));
    imageRetrievalPoolManager.setMaxSimultaneousRequests(Enums.RequestType.Interaction, 6);
    imageRetrievalPoolManager.setMaxSimultaneousRequests(Enums.RequestType.Prefetch, 4);
  }
  return { cpu: getShouldUseCPURendering() };
}
