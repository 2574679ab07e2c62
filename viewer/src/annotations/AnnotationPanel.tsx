/** The list of annotations: named, found again, taken away, saved and exported. */
import { Download, Eye, EyeOff, Redo2, Save, Undo2, X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { useShallow } from 'zustand/react/shallow';
import { Button, IconButton } from '../app/controls';
import { useFailureText } from '../app/Notice';
import { useMay } from '../app/session';
import type { Reading } from '../viewport/readingState';
import { AnnotationRow } from './AnnotationRow';
import { downloadCsv } from './csv';
import { isChanged } from './desk';
import { goTo } from './goTo';
import { KeyImageList } from './KeyImageList';
import { SelectionList } from './SelectionList';
import type { SideProps } from './table';
import { useSave } from './useSave';
import { VersionList } from './VersionList';

function studyOf(reading: Reading) {
  return reading.store.getState().layout.cells.find((content) => content !== undefined)?.study;
}

function SaveBar({ table }: Pick<SideProps, 'table'>) {
  const { t } = useTranslation();
  const save = useSave(table);
  const mayAnnotate = useMay('annotate');
  const failureText = useFailureText();
  const { desk, keeper } = table;
  const hasChanged = useStore(desk.store, isChanged);
  const { step, failure } = useStore(keeper.store);
  return (
    <div className="flex flex-col gap-2 border-t border-line p-3">
      {failure ? (
        <p role="alert" className="text-xs text-danger">
          {t(`annotations.failed.${failure.step}`)} {failureText(failure.error)}
        </p>
      ) : null}
      <p role="status" className={`text-xs ${hasChanged ? 'text-warn' : 'text-faint'}`}>
        {mayAnnotate
          ? t(step === 'saving' ? 'annotations.saving' : hasChanged ? 'annotations.unsaved' : 'annotations.allSaved')
          : t('annotations.notKept')}
      </p>
      <Button look="primary" isDisabled={!mayAnnotate || !hasChanged || step !== 'ready'} onPress={() => void save()}>
        <Save size={16} aria-hidden />
        {t('annotations.save')}
      </Button>
    </div>
  );
}

export function AnnotationPanel({ table, reading, list, onClose }: SideProps & { readonly onClose: () => void }) {
  const { t } = useTranslation();
  const { desk } = table;
  const { annotations, foreign, earlier, areShown, selected, canUndo, canRedo } = useStore(
    desk.store,
    useShallow(({ marks, foreign: others, earlier: version, areShown: shown, selected: chosen, past, future }) => ({
      annotations: marks.annotations,
      foreign: others,
      earlier: version,
      areShown: shown,
      selected: chosen,
      canUndo: past.length > 0,
      canRedo: future.length > 0,
    })),
  );
  const all = earlier?.annotations ?? [...annotations, ...foreign];
  const study = studyOf(reading);
  return (
    <aside aria-label={t('annotations.title')} className="flex w-72 shrink-0 flex-col border-l border-line bg-panel">
      <header className="flex items-center justify-between gap-1 border-b border-line px-3 py-1.5">
        <h2 className="truncate text-sm font-semibold">{t('annotations.title')}</h2>
        <IconButton icon={X} label={t('common.close')} onPress={onClose} />
      </header>
      <div role="toolbar" aria-label={t('annotations.tools')} className="flex gap-0.5 border-b border-line px-2 py-1">
        <IconButton icon={Undo2} label={t('annotations.undo')} isDisabled={!canUndo} onPress={() => desk.undo()} />
        <IconButton icon={Redo2} label={t('annotations.redo')} isDisabled={!canRedo} onPress={() => desk.redo()} />
        <IconButton
          icon={areShown ? Eye : EyeOff}
          label={t('annotations.shown')}
          isOn={areShown}
          onPress={() => desk.show(!areShown)}
        />
        <IconButton
          icon={Download}
          label={t('annotations.export')}
          isDisabled={all.length === 0}
          onPress={() => downloadCsv(all, `annotations-${study ?? ''}`)}
        />
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto">
        {earlier ? (
          <div role="status" className="flex items-center gap-2 border-b border-line px-3 py-2 text-xs text-warn">
            <span className="min-w-0 flex-1">{t('annotations.earlier')}</span>
            <Button onPress={() => desk.look(undefined)}>{t('annotations.present')}</Button>
          </div>
        ) : null}
        {all.length === 0 ? <p className="p-4 text-sm text-faint">{t('annotations.none')}</p> : null}
        <ol aria-label={t('annotations.list')}>
          {all.map((annotation) => (
            <AnnotationRow
              key={annotation.uid}
              desk={desk}
              reading={reading}
              list={list}
              annotation={annotation}
              isSelected={annotation.uid === selected}
              isFixed={earlier !== undefined}
              onGo={() => {
                if (study) {
                  goTo(reading, study, annotation.image);
                }
                desk.select(annotation.uid);
              }}
            />
          ))}
        </ol>
        {study ? <KeyImageList desk={desk} reading={reading} study={study} list={list} /> : null}
        {study ? <SelectionList keeper={table.keeper} reading={reading} study={study} list={list} /> : null}
        <VersionList table={table} />
      </div>
      <SaveBar table={table} />
    </aside>
  );
}
