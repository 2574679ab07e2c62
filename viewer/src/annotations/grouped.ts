/** The members of a list that have the same key, in the order in which each key came first. */
export function grouped<Key, Member>(members: Iterable<Member>, key: (member: Member) => Key): Map<Key, Member[]> {
  const groups = new Map<Key, Member[]>();
  for (const member of members) {
    const group = groups.get(key(member));
    if (group) {
      group.push(member);
    } else {
      groups.set(key(member), [member]);
    }
  }
  return groups;
}
