/** Three-dimensional vectors in the patient coordinate system (PS3.3 C.7.6.2.1.1), in millimetres. */

export type Vector3 = readonly [number, number, number];

export function dot(a: Vector3, b: Vector3): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

export function cross(a: Vector3, b: Vector3): Vector3 {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

export function add(a: Vector3, b: Vector3): Vector3 {
  return [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
}

export function subtract(a: Vector3, b: Vector3): Vector3 {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
}

/** `a * s + b * t`. */
export function combine(a: Vector3, s: number, b: Vector3, t: number): Vector3 {
  return [a[0] * s + b[0] * t, a[1] * s + b[1] * t, a[2] * s + b[2] * t];
}

export function scale(a: Vector3, s: number): Vector3 {
  return [a[0] * s, a[1] * s, a[2] * s];
}

/** `share` of the way from a to b. */
export function interpolate(a: Vector3, b: Vector3, share: number): Vector3 {
  return add(a, combine(subtract(b, a), share, a, 0));
}

export function length(a: Vector3): number {
  return Math.hypot(a[0], a[1], a[2]);
}

/** The first three numbers as a vector. */
export function vector3(values: readonly number[]): Vector3 | undefined {
  const [x, y, z] = values;
  return x !== undefined && y !== undefined && z !== undefined ? [x, y, z] : undefined;
}
