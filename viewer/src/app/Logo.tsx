/** The sign of the product. */
export function Logo({ size }: { readonly size: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="7" fill="#0f1a26" />
      <rect x="8" y="6.5" width="16" height="19" rx="1.5" fill="none" stroke="#38bdf8" strokeWidth="2" />
      <path
        d="M11.5 20.5c1.5-5 2-8 4.5-8s3 3 4.5 8"
        fill="none"
        stroke="#e2e8f0"
        strokeWidth="2"
        strokeLinecap="round"
      />
    </svg>
  );
}
