/** @file A number that changes in place: it cross-fades once, and the page does not move. */

/** @param children the text; its change starts the fade. */
export function Tick({ children, className = '' }: { children: string; className?: string }) {
  return (
    <span key={children} className={`tick figures ${className}`}>
      {children}
    </span>
  );
}
