/** Forwarding: where instances go by themselves, how it goes, and the rules that say which. For administrators. */
import { useTranslation } from 'react-i18next';
import { MachineFrame } from '../machines/Section';
import { DestinationSection } from './DestinationSection';
import { RuleSection } from './RuleSection';
import './texts';

export function ForwardingPage() {
  const { t } = useTranslation();
  return (
    <MachineFrame title={t('machines.forwarding')}>
      <DestinationSection />
      <RuleSection />
    </MachineFrame>
  );
}
