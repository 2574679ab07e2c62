/** What an account is for: one of the roles, each with what it may do. */
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { type Role, roles } from '../server/accounts';

export function RoleChoice(props: { readonly value: Role; readonly onChange: (role: Role) => void }) {
  const { t } = useTranslation();
  const id = useId();
  return (
    <fieldset className="flex flex-col gap-2.5">
      <legend className="mb-2 text-sm font-semibold">{t('accounts.columns.role')}</legend>
      {roles.map((role) => (
        <div key={role}>
          <label className="flex items-center gap-2 text-sm">
            <input
              type="radio"
              name={id}
              value={role}
              checked={role === props.value}
              aria-describedby={`${id}-${role}`}
              className="size-4 accent-accent-deep"
              onChange={() => props.onChange(role)}
            />
            {t(`accounts.roles.${role}.name`)}
          </label>
          <p id={`${id}-${role}`} className="ml-6 text-xs text-faint">
            {t(`accounts.roles.${role}.text`)}
          </p>
        </div>
      ))}
    </fieldset>
  );
}
