/** Dark, light, or as the device is. */
import { Monitor, Moon, Sun } from 'lucide-react';
import { Button, Dialog, DialogTrigger, Popover } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { Chip, Hint } from './controls';
import { themes, useTheme } from './theme';

const icons = { dark: Moon, light: Sun, system: Monitor } as const;

export function ThemeMenu() {
  const { t } = useTranslation();
  const [theme, choose] = useTheme();
  const Icon = icons[theme];
  return (
    <DialogTrigger>
      <Hint text={t('themes.choose')}>
        <Button
          aria-label={t('themes.choose')}
          className="inline-flex size-9 pointer-coarse:size-11 shrink-0 cursor-default items-center justify-center rounded-md text-soft hover:bg-hover hover:text-ink"
        >
          <Icon size={18} strokeWidth={1.75} aria-hidden />
        </Button>
      </Hint>
      <Popover className="rounded-lg border border-strong bg-raised p-3 shadow-xl shadow-black/30">
        <Dialog aria-label={t('themes.choose')} className="flex flex-col gap-1.5 outline-none">
          {themes.map((id) => (
            <Chip key={id} isSelected={id === theme} onSelect={() => choose(id)}>
              {t(`themes.${id}`)}
            </Chip>
          ))}
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}
