/** Which field of a list of rules is wrong, and why: what is found before they are sent, else what the server says. */
import { useTranslation } from 'react-i18next';
import { RequestError } from '../server/request';
import { refusalKey } from './refusalKey';

export interface WrongRule {
  /** The place of its rule, and its name. */
  readonly field: string;
  /** Why, to be shown beside it. */
  readonly words: string;
  /** Where it is and why, to be shown anywhere else. */
  readonly problem: string;
}

/** `found` is the field that cannot be sent; `list` is what the server calls the rules. */
export function useWrongRule(list: string): (found: string | undefined, error: unknown) => WrongRule | undefined {
  const { t } = useTranslation();
  const wrong = (field: string, words: string) => {
    const [place, name] = field.split('.');
    const where = { number: Number(place) + 1, field: t(`coercion.fields.${name}`) };
    return { field, words, problem: t('coercion.wrong', { ...where, words }) };
  };
  return (found, error) => {
    if (found !== undefined) {
      return wrong(found, t(found.endsWith('.values') ? 'coercion.notPairs' : 'coercion.needed'));
    }
    if (!(error instanceof RequestError && error.field?.startsWith(`${list}.`))) {
      return undefined;
    }
    const key = refusalKey(error.message);
    const words = key === undefined ? t('machines.form.refused', { words: error.message }) : t(key);
    return wrong(error.field.slice(list.length + 1), words);
  };
}
