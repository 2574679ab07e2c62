/** What the mouse does, chosen by the reader. */
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { fieldLook } from '../app/controls';
import { tools } from '../tools/registry';
import { inputName } from './inputName';
import { dragInputs, leftDrags, mouseSetting, plain, usualMouse, wheelActs, wheelInputs } from './mouse';
import { useMouse } from './useMouse';
import { useChangeSetting } from './useSettings';

/** One input, and what there is to choose for it. */
function Choice(props: {
  readonly name: string;
  readonly value: string;
  readonly choices: readonly (readonly [value: string, name: string])[];
  readonly onChoose: (value: string) => void;
}) {
  const id = useId();
  return (
    <div className="flex items-center gap-3 text-[13px]">
      <label htmlFor={id} className="w-40 shrink-0 text-soft">
        {props.name}
      </label>
      <select
        id={id}
        value={props.value}
        onChange={(event) => props.onChoose(event.target.value)}
        className={`${fieldLook} min-w-0`}
      >
        {props.choices.map(([value, name]) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </select>
    </div>
  );
}

export function MouseSettings() {
  const { t } = useTranslation();
  const mouse = useMouse();
  const changeSetting = useChangeSetting();
  const keep = (change: Partial<typeof mouse>) =>
    changeSetting.mutate({ name: mouseSetting, value: { ...mouse, ...change } });
  const likePlain = [plain, t('help.likePlain')] as const;
  const dragging = tools.flatMap((tool) =>
    tool.kind === 'drag' ? [[tool.id, t(`tools.${tool.label}`)] as const] : [],
  );
  const turning = wheelActs.map((act) => [act, t(`help.wheelDoes.${act}`)] as const);

  return (
    <section aria-label={t('help.change.mouse')}>
      <h3 className="mb-1.5 text-xs font-semibold tracking-wide text-faint uppercase">{t('help.change.mouse')}</h3>
      <div className="grid gap-x-10 gap-y-2 md:grid-cols-2">
        <Choice
          name={t('help.leftDrag')}
          value={mouse.leftDrag}
          choices={leftDrags.map((id) => [id, t(`tools.${id}`)] as const)}
          onChoose={(value) => keep({ leftDrag: leftDrags.find((id) => id === value) ?? usualMouse.leftDrag })}
        />
        {dragInputs.map((input) => (
          <Choice
            key={input}
            name={inputName(input, t)}
            value={mouse.drags[input] ?? plain}
            choices={input.includes('+') ? [likePlain, ...dragging] : dragging}
            onChoose={(value) => keep({ drags: { ...mouse.drags, [input]: value } })}
          />
        ))}
        {wheelInputs.map((input) => (
          <Choice
            key={input}
            name={inputName(input, t)}
            value={mouse.wheel[input] ?? plain}
            choices={input.includes('+') ? [likePlain, ...turning] : turning}
            onChoose={(value) =>
              keep({ wheel: { ...mouse.wheel, [input]: wheelActs.find((act) => act === value) ?? plain } })
            }
          />
        ))}
      </div>
    </section>
  );
}
