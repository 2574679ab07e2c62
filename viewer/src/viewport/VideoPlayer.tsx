/** A video by the browser's own player, with what a reader needs: single frames, speed, and keys wherever the focus is. */
import { Pause, Play, StepBack, StepForward, VideoOff } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { Slider, SliderThumb, SliderTrack } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { fieldLook, IconButton } from '../app/controls';
import { Notice, RetryButton } from '../app/Notice';
import { frameAt, frameCount, middleOfFrame, type VideoStream, videoFrameRate } from '../imaging/video';
import { useBindings } from '../settings/useKeys';
import { keyName, keyOf } from '../tools/keyName';
import { isForPage } from './useKeyboard';
import { type VideoAct, videoActForKey, videoKeysOf } from './videoKeys';

const speeds = [0.1, 0.25, 0.5, 1, 2, 4];

/** Positions in a second where single frames cannot be told. */
const coarseRate = 10;

interface Seen {
  readonly duration: number;
  readonly time: number;
  readonly isPlaying: boolean;
  readonly speed: number;
}

function look(video: HTMLVideoElement): Seen {
  const { duration, currentTime: time, paused, ended, playbackRate: speed } = video;
  return { duration: Number.isFinite(duration) ? duration : 0, time, isPlaying: !paused && !ended, speed };
}

/** A slider has keys of its own to move by; the others are the player's. */
function isForPlayer(event: KeyboardEvent, act: VideoAct): boolean {
  const isOnSlider = event.target instanceof HTMLInputElement && event.target.type === 'range';
  return isForPage(event) || (isOnSlider && ['toggle', 'slower', 'faster'].includes(act));
}

export function VideoPlayer(props: {
  readonly address: string;
  readonly title: string;
  readonly stream: VideoStream | undefined;
  readonly isVisible: boolean;
  readonly isActive: boolean;
  /** The browser gave up; the server may say why. */
  readonly onFailed: () => void;
}) {
  const { t, i18n } = useTranslation();
  const videoRef = useRef<HTMLVideoElement>(null);
  const [seen, setSeen] = useState<Seen>({ duration: 0, time: 0, isPlaying: false, speed: 1 });
  const [failure, setFailure] = useState<'network' | 'damaged'>();

  const rate = props.stream && seen.duration > 0 ? videoFrameRate(props.stream, seen.duration) : undefined;
  const positions = rate ?? coarseRate;
  const count = frameCount(positions, seen.duration);
  const position = frameAt(seen.time, positions, count);

  const showPosition = (wanted: number) => {
    const video = videoRef.current;
    if (video && seen.duration > 0) {
      video.pause();
      video.currentTime = middleOfFrame(Math.min(Math.max(wanted, 0), count - 1), positions);
    }
  };
  // The video itself is asked: keys that are held come faster than what is seen is drawn.
  const step = (by: number) => {
    if (videoRef.current && rate !== undefined) {
      showPosition(frameAt(videoRef.current.currentTime, rate, count) + by);
    }
  };
  const setSpeed = (choose: (present: number) => number | undefined) => {
    if (videoRef.current) {
      const { playbackRate } = videoRef.current;
      videoRef.current.playbackRate = choose(playbackRate) ?? playbackRate;
    }
  };
  const act: Readonly<Record<VideoAct, () => void>> = {
    toggle: () => {
      const video = videoRef.current;
      if (video && seen.isPlaying) {
        video.pause();
      } else {
        // What keeps it from playing is told by the error event.
        video?.play().catch(() => undefined);
      }
    },
    next: () => step(1),
    previous: () => step(-1),
    first: () => showPosition(0),
    last: () => showPosition(count - 1),
    slower: () => setSpeed((present) => speeds.findLast((speed) => speed < present)),
    faster: () => setSpeed((present) => speeds.find((speed) => speed > present)),
  };
  const bindings = useBindings();
  const actRef = useRef(act);
  actRef.current = act;
  useEffect(() => {
    if (!props.isActive) {
      return undefined;
    }
    const onKey = (event: KeyboardEvent) => {
      const wanted = videoActForKey(bindings, keyOf(event));
      if (wanted !== undefined && isForPlayer(event, wanted)) {
        // These keys are the picture's elsewhere.
        event.stopPropagation();
        event.preventDefault();
        actRef.current[wanted]();
      }
    };
    document.addEventListener('keydown', onKey, { capture: true });
    return () => document.removeEventListener('keydown', onKey, { capture: true });
  }, [props.isActive, bindings]);

  useEffect(() => {
    if (!props.isVisible) {
      videoRef.current?.pause();
    }
  }, [props.isVisible]);

  const onSeen = () => {
    if (videoRef.current) {
      setSeen(look(videoRef.current));
    }
  };
  if (failure !== undefined) {
    const text = t(failure === 'network' ? 'failure.network' : 'objects.obstacle.damaged');
    return (
      <Notice icon={VideoOff} tone="danger" title={t('objects.notShown')} text={text}>
        <RetryButton onPress={() => setFailure(undefined)} />
      </Notice>
    );
  }
  const number = (value: number, digits: number) =>
    new Intl.NumberFormat(i18n.language, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(
      value,
    );
  const hint = (wanted: VideoAct) => keyName(videoKeysOf(bindings, wanted)[0] ?? '', t);
  return (
    <div className="flex size-full flex-col">
      {/* biome-ignore lint/a11y/useMediaCaption: what a device records has no captions */}
      <video
        ref={videoRef}
        src={props.address}
        aria-label={props.title}
        data-testid="video"
        preload="auto"
        playsInline
        disablePictureInPicture
        disableRemotePlayback
        onLoadedData={onSeen}
        onDurationChange={onSeen}
        onTimeUpdate={onSeen}
        onSeeking={onSeen}
        onSeeked={onSeen}
        onPlay={onSeen}
        onPause={onSeen}
        onEnded={onSeen}
        onRateChange={onSeen}
        onError={(event) => {
          setFailure(event.currentTarget.error?.code === MediaError.MEDIA_ERR_NETWORK ? 'network' : 'damaged');
          props.onFailed();
        }}
        onWheel={(event) => {
          if (!event.ctrlKey && event.deltaY !== 0) {
            act[event.deltaY > 0 ? 'next' : 'previous']();
          }
        }}
        className="min-h-0 w-full flex-1 bg-black object-contain"
      />
      <div className="flex shrink-0 flex-wrap items-center gap-1 border-t border-line bg-panel px-3 py-1">
        <IconButton
          icon={seen.isPlaying ? Pause : Play}
          label={t(seen.isPlaying ? 'objects.video.pause' : 'objects.video.play')}
          shortcut={hint('toggle')}
          onPress={act.toggle}
        />
        <IconButton
          icon={StepBack}
          label={t('tools.previousImage')}
          shortcut={hint('previous')}
          isDisabled={rate === undefined}
          onPress={act.previous}
        />
        <IconButton
          icon={StepForward}
          label={t('tools.nextImage')}
          shortcut={hint('next')}
          isDisabled={rate === undefined}
          onPress={act.next}
        />
        <Slider
          aria-label={t('objects.video.position')}
          value={position}
          minValue={0}
          maxValue={Math.max(count - 1, 1)}
          isDisabled={seen.duration === 0}
          onChange={showPosition}
          className="mx-2 min-w-24 flex-1"
        >
          <SliderTrack className="relative h-9 w-full before:absolute before:top-1/2 before:h-1 before:w-full before:-translate-y-1/2 before:rounded before:bg-line">
            <SliderThumb className="top-1/2 size-3.5 rounded-full bg-accent data-[focus-visible]:ring-2 data-[focus-visible]:ring-white" />
          </SliderTrack>
        </Slider>
        <span data-testid="video-position" className="text-xs whitespace-nowrap text-soft tabular-nums">
          {rate === undefined ? null : `${t('viewer.imageOf', { index: position + 1, count })} · `}
          {t('objects.video.seconds', { time: number(seen.time, 2), duration: number(seen.duration, 2) })}
        </span>
        <div className="ml-2 w-24 shrink-0">
          <select
            aria-label={t('objects.video.speed')}
            value={seen.speed}
            onChange={(event) => setSpeed(() => Number(event.target.value))}
            className={fieldLook}
          >
            {speeds.map((speed) => (
              <option key={speed} value={speed}>
                {t('objects.video.times', { speed: new Intl.NumberFormat(i18n.language).format(speed) })}
              </option>
            ))}
          </select>
        </div>
      </div>
    </div>
  );
}
