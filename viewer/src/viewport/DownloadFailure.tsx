/** Said where a download was asked for and did not come. */
export function DownloadFailure({ text }: { readonly text: string | undefined }) {
  return text === undefined ? null : (
    <p role="alert" className="rounded-md bg-danger-deep px-3 py-2 text-sm text-danger-soft">
      {text}
    </p>
  );
}
