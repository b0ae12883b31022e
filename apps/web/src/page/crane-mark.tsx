/** Gantry's mark: a crane on two legs with a container on its rope. */
export function CraneMark({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 24 24" fill="none" aria-hidden className={className}>
      <path
        d="M1.5 5.5h21M5 5.5V21M19 5.5V21M2.5 21h5M16.5 21h5M5 11 9 5.5M19 11l-4-5.5"
        stroke="currentColor"
        strokeWidth="1.8"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
      <path d="M12 5.5V11" stroke="var(--brand)" strokeWidth="1.6" />
      <rect x="8.6" y="11" width="6.8" height="5" rx="1" fill="var(--brand)" />
    </svg>
  );
}
