/** What an object is by the name of its SOP Class; of a class that nobody named, its UID. */
import { sopClassName } from './sopClassNames';

export function SopClassName({ uid }: { readonly uid: string }) {
  return <>{sopClassName(uid) ?? uid}</>;
}
