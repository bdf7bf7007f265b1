// No older picture is drawn last. What waits before it draws takes a turn first: `const wanted = turn(canvas)`, and asks
// `wanted()` after each wait. It is false once somebody else has taken a turn at the same thing.

const turns = new WeakMap();

export function turn(thing) {
  const mine = {};
  turns.set(thing, mine);
  return () => turns.get(thing) === mine;
}
